#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/description.hpp"
#include "adapters/http/position.hpp"

namespace afterwrite::http {

/// What a session keeps however often its connections end: cookies, what its login captured, how far it has seen. Used
/// by one thread at a time: that of the session.
struct SessionState {
  SessionState(const Description& description, std::string session_name, std::string user_name);

  Places places() const;  ///< what stands in the places of any request of the session
  /// Without secrets of the environment, without what was captured and without the values of cookies.
  std::string masked(std::string_view text, const Secrets& secrets) const;
  /// What is recorded of a value that was read: without long secrets of the environment, and without cookies that are
  /// named in it (`sid=...`). No value that a run writes is changed by that.
  std::string recorded_value(std::string_view text, const Secrets& secrets) const;
  /// Remembers the cookies that an answer sets, as what must not be shown.
  void learn_cookies(const Answer& answer);
  CookieJar* jar() { return cookies ? &*cookies : nullptr; }

  const std::string name;
  const std::string user;
  const std::string run;
  std::optional<CookieJar> cookies;
  bool logged_in = false;
  std::map<std::string, std::string> captured;
  CarriedPosition position;

 private:
  void add_cookie_pairs(std::vector<Secret>& secrets) const;

  std::map<std::string, std::deque<std::string>>
      cookie_values_;  // by name: the last few, for an answer may repeat what it replaces
};

/// Name and value of a `Set-Cookie`, or of the like; nothing if it is none.
std::optional<std::pair<std::string, std::string>> cookie_in(std::string_view header_value);

}  // namespace afterwrite::http
