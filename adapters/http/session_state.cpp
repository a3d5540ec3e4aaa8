#include "adapters/http/session_state.hpp"

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

std::string SessionState::masked(std::string_view text, const Secrets& secrets) const {
  std::string result = secrets.masked(text);
  for (const auto& [variable, secret] : captured) {
    if (secret.size() >= Secrets::least_recorded) replace_all(result, secret, fmt::format("{{{}}}", variable));
  }
  return result;
}

}  // namespace afterwrite::http
