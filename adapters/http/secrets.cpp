#include "adapters/http/secrets.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <iterator>

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
  const Secret secret{text, shown};
  if (std::find(all_.begin(), all_.end(), secret) == all_.end()) all_.push_back(secret);
}

std::vector<Secret> Secrets::long_ones() const {
  std::vector<Secret> found;
  std::copy_if(all_.begin(), all_.end(), std::back_inserter(found),
               [](const Secret& secret) { return secret.text.size() >= least_recorded; });
  return found;
}

}  // namespace afterwrite::http
