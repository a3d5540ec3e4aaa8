#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

namespace afterwrite {

/// Who a child runs as: for servers that refuse to run as root.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
};

/// The account to start servers as when we are root: `postgres` if there is one, else `nobody`. Nothing when we are not
/// root: there is nothing to drop then. Any thread may call. Throws ProcessError if we are root and have neither.
std::optional<Account> unprivileged_account();

}  // namespace afterwrite
