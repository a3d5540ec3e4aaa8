#pragma once

#include <string>

#include "harness/process/account.hpp"

namespace afterwrite {

/// The home folder that the system's list of users gives it; "/" if it is not listed there.
std::string account_home(const Account& account);

}  // namespace afterwrite
