#include "adapters/http/secrets.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/http/connection.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::http {

std::string Secrets::take(const std::string& variable, const std::string& where) {
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr || *value == '\0') {
    throw UsageError(fmt::format("{}: the variable {} of {{env:{}}} is not set in the environment, or empty", where,
                                 variable, variable));
  }
  add(value, fmt::format("{{env:{}}}", variable));
  return value;
}

void Secrets::add(const std::string& text, const std::string& shown) {
  using Json = nlohmann::json;
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  for (const std::string& form : {text, url_encoded(text), quoted.substr(1, quoted.size() - 2)}) {
    const std::pair entry(form, shown);
    if (std::find(forms_.begin(), forms_.end(), entry) == forms_.end()) forms_.push_back(entry);
  }
  std::stable_sort(forms_.begin(), forms_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

std::string Secrets::masked(std::string_view text, std::size_t least) const {
  std::string result(text);
  for (const auto& [form, shown] : forms_) {
    if (form.size() >= least) replace_all(result, form, shown);
  }
  return result;
}

void replace_all(std::string& text, std::string_view secret, std::string_view shown) {
  if (secret.empty()) return;
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + shown.size())) {
    text.replace(at, secret.size(), shown);
  }
}

}  // namespace afterwrite::http
