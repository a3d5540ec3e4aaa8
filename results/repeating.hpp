#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/history/history.hpp"

namespace afterwrite {

/// A recorded command line, with the flag for its seed if it does not name one: a seed that was drawn must be said to get
/// the same requests again. Any thread may call.
std::string with_seed(std::string command, std::uint64_t seed);

/// The command that carries out the run of this header again; empty if none was recorded. Others wrote it: it may hold anything.
std::string repeating_command(const Header& header);

}  // namespace afterwrite
