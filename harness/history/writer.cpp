#include "harness/history/writer.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7F; ++byte)
    plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

/// Nearly every string of a history is plain ASCII, which needs no escape; the library does the others.
void append_string(std::string& out, std::string_view text) {
  bool plain = true;
  for (const char c : text)
    plain = plain && plain_bytes[static_cast<unsigned char>(c)];
  if (plain) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

void append_integer(std::string& out, std::int64_t number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

void append_scalar(std::string& out, const Scalar& scalar) {
  if (const auto* number = std::get_if<std::int64_t>(&scalar)) {
    append_integer(out, *number);
  } else {
    append_string(out, std::get<std::string>(scalar));
  }
}

void append_value(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_string(out, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    append_integer(out, *number);
  } else if (const auto* list = std::get_if<List>(&value)) {
    out += '[';
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (i > 0) out += ',';
      append_scalar(out, (*list)[i]);
    }
    out += ']';
  } else {
    out += "null";
  }
}

/// `name` comes with its punctuation: `,"key":`.
void append_text_field(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += name;
  append_string(out, text);
}

void append_labels(std::string& out, const std::map<std::string, std::string>& labels) {
  if (labels.empty()) return;
  out += ",\"labels\":{";
  bool first = true;
  for (const auto& [name, value] : labels) {
    if (!first) out += ',';
    first = false;
    append_string(out, name);
    out += ':';
    append_string(out, value);
  }
  out += '}';
}

/// A call that asked for a value and got no answer has none, whatever the caller left in the field.
bool carries_value(const Operation& operation) {
  if (operation.function == Function::remove) return false;
  return operation.function != Function::read || operation.outcome == Outcome::ok;
}

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void append_operation_line(std::string& out, const Operation& operation, std::uint64_t index) {
  out += R"({"kind":"op","i":)";
  const fmt::format_int digits(index);
  out.append(digits.data(), digits.size());
  out += ",\"session\":";
  append_string(out, operation.session);
  append_text_field(out, ",\"user\":", operation.user);
  append_text_field(out, ",\"process\":", operation.process);
  out += ",\"f\":\"";
  out += to_string(operation.function);
  out += "\",\"key\":";
  append_string(out, operation.key);
  out += ",\"value\":";
  if (carries_value(operation)) {
    append_value(out, operation.value);
  } else {
    out += "null";
  }
  out += ",\"type\":\"";
  out += to_string(operation.outcome);
  out += "\",\"invoke\":";
  append_integer(out, operation.invoke);
  out += ",\"complete\":";
  append_integer(out, operation.complete);
  append_text_field(out, ",\"node\":", operation.node);
  if (operation.role != Role::unknown) append_text_field(out, ",\"role\":", to_string(operation.role));
  if (operation.version) {
    out += ",\"version\":";
    append_integer(out, operation.version->version);
    out += ",\"epoch\":";
    append_integer(out, operation.version->epoch);
  }
  append_text_field(out, ",\"position\":", operation.position);
  append_text_field(out, ",\"txn\":", operation.txn);
  append_text_field(out, ",\"intent\":", operation.intent);
  if (std::isfinite(operation.waited_ms) && operation.waited_ms > 0) {
    fmt::format_to(std::back_inserter(out), ",\"waited_ms\":{}", operation.waited_ms);
  }
  if (operation.fallback) out += ",\"fallback\":true";
  append_labels(out, operation.labels);
  append_text_field(out, ",\"error\":", operation.error);
  out += '}';
}

std::string header_line(const Header& header) {
  Json line{{"kind", "header"}, {"schema", history_schema}};
  if (!header.system.empty()) line["system"] = header.system;
  if (!header.workload.empty()) line["workload"] = header.workload;
  if (!header.policy.empty()) line["policy"] = header.policy;
  if (header.seed) line["seed"] = *header.seed;
  if (header.assume) line["assume"] = *header.assume;
  for (const auto& [name, value] : header.all.items()) {
    if (!line.contains(name)) line[name] = value;
  }
  return dumped(line);
}

std::string fault_line(const FaultEvent& event) {
  Json line{{"kind", "fault"}, {"time", event.time}, {"fault", event.fault}, {"phase", event.phase}};
  if (!event.episode.empty()) line["episode"] = event.episode;
  if (!event.targets.empty()) line["targets"] = event.targets;
  if (!event.detail.empty()) line["detail"] = event.detail;
  return dumped(line);
}

std::string lag_line(const LagSample& sample) {
  Json line{{"kind", "lag"}, {"time", sample.time}, {"node", sample.node}};
  if (sample.reachable) {
    line["lag_ms"] = std::isfinite(sample.lag_ms) ? sample.lag_ms : 0.0;
  } else {
    line["reachable"] = false;
  }
  if (sample.beat_acknowledged) line["beat_acknowledged"] = *sample.beat_acknowledged;
  return dumped(line);
}

std::string footer_line(std::uint64_t operations, const nlohmann::json& more) {
  Json line{{"kind", "end"}, {"ops", operations}};
  for (const auto& [name, value] : more.items()) {
    if (!line.contains(name)) line[name] = value;
  }
  return dumped(line);
}

}  // namespace afterwrite
