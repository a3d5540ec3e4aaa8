#include "adapters/http/session_state.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace afterwrite::http {

SessionState::SessionState(const Description& description, std::string session_name, std::string user_name)
    : name(std::move(session_name)),
      user(std::move(user_name)),
      run(description.run),
      logged_in(!description.session.login) {
  if (description.session.cookies) cookies.emplace();
}

Places SessionState::places() const {
  Places places{{"session", name}, {"user", user}, {"run", run}, {"position", position.text()}};
  for (const auto& [variable, text] : captured)
    places.emplace(variable, text);
  return places;
}

std::optional<std::pair<std::string, std::string>> cookie_in(std::string_view header_value) {
  const std::string_view pair = header_value.substr(0, header_value.find(';'));
  const std::size_t equals = pair.find('=');
  if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
  const auto trimmed = [](std::string_view text) {
    while (!text.empty() && text.front() == ' ')
      text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
      text.remove_suffix(1);
    return text;
  };
  return std::pair(std::string(trimmed(pair.substr(0, equals))), std::string(trimmed(pair.substr(equals + 1))));
}

void SessionState::learn_cookies(const Answer& answer) {
  constexpr std::size_t most = 4;
  for (const auto& [header, text] : answer.headers) {
    if (!is_header(header, "Set-Cookie")) continue;
    const auto cookie = cookie_in(text);
    if (!cookie || cookie->second.empty()) continue;
    std::deque<std::string>& known = cookie_values_[cookie->first];
    if (std::find(known.begin(), known.end(), cookie->second) != known.end()) continue;
    known.push_back(cookie->second);
    if (known.size() > most) known.pop_front();
  }
}

void SessionState::add_cookie_pairs(std::vector<Secret>& secrets) const {
  for (const auto& [cookie, values] : cookie_values_) {
    for (const std::string& value : values)
      secrets.push_back({fmt::format("{}={}", cookie, value), fmt::format("{}=...", cookie)});
  }
}

std::string SessionState::masked(std::string_view text, const Secrets& secrets) const {
  std::vector<Secret> all = secrets.all();
  for (const auto& [variable, secret] : captured) {
    if (secret.size() >= Secrets::least_recorded) all.push_back({secret, fmt::format("{{{}}}", variable)});
  }
  add_cookie_pairs(all);
  for (const auto& [cookie, values] : cookie_values_) {
    for (std::string_view value : values) {
      if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
      if (value.size() >= Secrets::least_recorded) all.push_back({std::string(value), "..."});
    }
  }
  return redacted(text, all);
}

std::string SessionState::recorded_value(std::string_view text, const Secrets& secrets) const {
  std::vector<Secret> all = secrets.long_ones();
  add_cookie_pairs(all);
  return redacted(text, all);
}

}  // namespace afterwrite::http
