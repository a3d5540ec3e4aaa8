#pragma once

#include <map>
#include <optional>
#include <string>

#include "adapters/http/description.hpp"
#include "adapters/http/position.hpp"

namespace afterwrite::http {

/// What a session keeps however often its connections end: cookies, what its login captured, how far it has seen. Used
/// by one thread at a time: that of the session.
struct SessionState {
  SessionState(const Description& description, std::string session_name, std::string user_name);

  Places places() const;  ///< what stands in the places of any request of the session
  /// Without secrets of the environment, and without what was captured.
  std::string masked(std::string_view text, const Secrets& secrets) const;
  CookieJar* jar() { return cookies ? &*cookies : nullptr; }

  const std::string name;
  const std::string user;
  const std::string run;
  std::optional<CookieJar> cookies;
  bool logged_in = false;
  std::map<std::string, std::string> captured;
  CarriedPosition position;
};

}  // namespace afterwrite::http
