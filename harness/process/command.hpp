#pragma once

#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/process/account.hpp"

namespace afterwrite {

/// What to start, and how. Arguments are seen by everyone on the machine: secrets go into `environment`.
struct Command {
  /// A path, not a name: find_program() looks a name up.
  std::filesystem::path program;
  /// Without the program itself.
  std::vector<std::string> arguments;
  /// Added to our own environment. With an `account`, HOME, USER and LOGNAME are the account's unless set here.
  std::map<std::string, std::string> environment;
  /// A file that stdout and stderr are appended to, made if need be; empty: /dev/null. stdin is /dev/null. (A
  /// PipedChild's three are pipes.)
  std::filesystem::path output;
  /// Working directory; empty: ours.
  std::filesystem::path folder;
  /// Dropped to in the child, with no supplementary group left; nothing: ours.
  std::optional<Account> account;
  /// What ends it in order (postgres: SIGINT, or SIGQUIT for at once).
  int stop_signal = SIGTERM;
};

}  // namespace afterwrite
