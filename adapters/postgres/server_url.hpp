#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/postgres/server_connection.hpp"
#include "harness/session/link.hpp"

namespace afterwrite::postgres {

/// One server of the user's as it was named: libpq's parameters, with {env:NAME} not yet replaced, so it holds no
/// secret.
class ServerUrl {
 public:
  /// `what` is how it was given (`--leader`). Throws UsageError, without repeating the text, for what is no URL or
  /// `key=value` string of libpq's, names several servers, or holds a password literally.
  ServerUrl(std::string_view text, std::string what);

  const std::string& what() const { return what_; }
  /// host:port/database, for messages and reports.
  const std::string& shown() const { return shown_; }

  /// The parameters to connect with now. Throws UsageError if a variable of the environment is not set.
  Target target() const;

 private:
  std::string what_;
  std::string shown_;
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace afterwrite::postgres
