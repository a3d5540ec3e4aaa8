#include "adapters/etcd/gateway.hpp"

#include <charconv>
#include <fmt/format.h>

#include "adapters/etcd/base64.hpp"
#include "harness/history/bounded_json.hpp"

namespace afterwrite::etcd {
namespace {

http::Options options_of(const Route& route) {
  http::Options options;
  options.version = "1.1";
  options.dial = route.dial;
  return options;
}

template <class Number>
std::optional<Number> whole_number_in(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end()) return Number{0};
  if (!found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Nothing if it is missing or no string.
std::optional<std::string> text_in(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace

Gateway::Gateway(const Route& route) : route_(route), connection_(options_of(route)) {}

Told Gateway::post(std::string_view path, const nlohmann::json& body, bool is_write, Deadline deadline) {
  http::Request request;
  request.method = "POST";
  request.url = route_.url + std::string(path);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body.dump();
  const http::Exchange exchange = connection_.exchange(request, deadline);
  if (!exchange.failure) return read_answer(exchange.answer.status, exchange.answer.body, is_write);
  const Ruling row = ruling(*exchange.failure);
  return {row.outcome, row.connection, {}, exchange.error};
}

Told read_answer(long status, const std::string& body, bool is_write) {
  Told told;
  told.answer = parse_bounded_json(body).json;
  if (status == 200 && told.answer.is_object() && !told.answer.contains("error")) {
    told.outcome = Outcome::ok;
    return told;
  }
  int code = -1;
  std::string message = fmt::format("HTTP status {}", status);
  if (told.answer.is_object()) {
    if (const auto found = told.answer.find("code"); found != told.answer.end() && found->is_number_integer())
      code = found->get<int>();
    if (const auto text = text_in(told.answer, "error")) message += ": " + *text;
  }
  // With 200 it is no answer that etcd gives, whatever it says.
  told.outcome = status == 200 ? Outcome::info : outcome_of_error(status, code, is_write);
  told.error = message;
  told.answer = {};
  return told;
}

std::optional<std::int64_t> number_in(const nlohmann::json& object, const char* name) {
  return whole_number_in<std::int64_t>(object, name);
}

std::optional<std::uint64_t> id_in(const nlohmann::json& object, const char* name) {
  return whole_number_in<std::uint64_t>(object, name);
}

std::optional<std::int64_t> revision_of(const nlohmann::json& answer) {
  if (!answer.is_object() || !answer.contains("header")) return std::nullopt;
  const auto revision = number_in(answer["header"], "revision");
  return revision && *revision > 0 ? revision : std::nullopt;
}

std::optional<Found> found_in(const nlohmann::json& answer, bool& sound) {
  sound = revision_of(answer).has_value();
  if (!sound || !answer.contains("kvs")) return std::nullopt;
  const auto& all = answer["kvs"];
  sound = all.is_array() && all.size() == 1 && all[0].is_object();
  if (!sound) return std::nullopt;
  const auto value = base64_decoded(text_in(all[0], "value").value_or(""));
  const auto revision = number_in(all[0], "mod_revision");
  sound = value && revision && *revision > 0;
  if (!sound) return std::nullopt;
  return Found{*value, *revision};
}

}  // namespace afterwrite::etcd
