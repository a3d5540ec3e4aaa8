#include "adapters/postgres/server_url.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>
#include <regex>

#include "harness/session/errors.hpp"

namespace afterwrite::postgres {
namespace {

const std::regex& environment_reference() {
  static const std::regex pattern(R"(\{env:([A-Za-z_][A-Za-z0-9_]*)\})");
  return pattern;
}

bool is_secret(std::string_view parameter) {
  return parameter == "password" || parameter == "sslpassword";
}

std::string from_environment(const std::string& text, const std::string& what) {
  std::string result;
  std::smatch match;
  std::string rest = text;
  while (std::regex_search(rest, match, environment_reference())) {
    const std::string name = match[1];
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
      throw UsageError(
          fmt::format("{}: the variable {} of {{env:{}}} is not set in the environment", what, name, name));
    }
    result += match.prefix();
    result += value;
    rest = match.suffix();
  }
  return result + rest;
}

}  // namespace

ServerUrl::ServerUrl(std::string_view text, std::string what) : what_(std::move(what)) {
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
    void operator()(char* message) const { PQfreemem(message); }
  };
  char* raw_message = nullptr;
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(std::string(text).c_str(), &raw_message));
  const std::unique_ptr<char, Free> message(raw_message);
  // libpq's message would repeat the text, with what may be a password in it.
  if (!options) {
    throw UsageError(
        fmt::format("{}: not a PostgreSQL URL; expected postgresql://USER@HOST:PORT/DATABASE or 'host=HOST "
                    "port=PORT user=USER dbname=DATABASE'",
                    what_));
  }
  std::string host = "localhost";
  std::string port = "5432";
  std::string database;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string name = option->keyword;
    const std::string value = option->val;
    if (is_secret(name) && !std::regex_match(value, environment_reference())) {
      throw UsageError(
          fmt::format("{}: a password in a URL is seen by everyone on this machine; put it into a password "
                      "file (PGPASSFILE or ~/.pgpass), or into a variable and write {{env:NAME}} in its place",
                      what_));
    }
    if ((name == "host" || name == "hostaddr" || name == "port") && value.find(',') != std::string::npos) {
      throw UsageError(
          fmt::format("{}: names several servers; name one, and give each follower a --follower of its own", what_));
    }
    if (name == "host" || (name == "hostaddr" && host == "localhost")) host = value;
    if (name == "port") port = value;
    if (name == "dbname") database = value;
    parameters_.emplace_back(name, value);
  }
  shown_ = fmt::format("{}:{}/{}", host, port, database);
}

Target ServerUrl::target() const {
  Target target{parameters_, fmt::format("{} ({})", shown_, what_)};
  for (auto& [name, value] : target.parameters)
    value = from_environment(value, what_);
  target.set("client_encoding", "UTF8");
  target.set("fallback_application_name", "afterwrite");
  return target;
}

}  // namespace afterwrite::postgres
