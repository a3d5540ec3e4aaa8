#include "harness/history/line_parser.hpp"

#include <array>
#include <fmt/format.h>

#include "harness/history/field_parser.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

using Element = simdjson::dom::element;
using Name = std::string_view;

/// Deeper than any field of ours; what a program adds under its own names has to fit too.
constexpr std::size_t deepest = 64;

/// Takes a field's text through one of the parse functions for enumerators.
template <typename Enum>
Enum parse_name(Name name, const Element& element, std::optional<Enum> (*parse)(std::string_view),
                std::string_view known) {
  const std::string text = parse_text(name, element);
  const std::optional<Enum> found = parse(text);
  if (!found) bad_field(name, fmt::format("is '{}'; write one of {}", visible_text(text), known));
  return *found;
}

void skip(auto&, Name, const Element&) {}

struct OperationDraft {
  OperationLine line;
  std::optional<std::int64_t> version;
  std::int64_t epoch = 0;

  Operation& operation() { return line.operation; }
};

constexpr std::array<Field<OperationDraft>, 22> operation_fields{{
    {"kind", true, skip},
    {"i", false, [](auto& d, Name n, const Element& e) { d.line.index = parse_count(n, e); }},
    {"session", true, [](auto& d, Name n, const Element& e) { d.operation().session = parse_text(n, e); }},
    {"user", false, [](auto& d, Name n, const Element& e) { d.operation().user = parse_text(n, e); }},
    {"process", false, [](auto& d, Name n, const Element& e) { d.operation().process = parse_text(n, e); }},
    {"f", true,
     [](auto& d, Name n, const Element& e) {
       d.operation().function = parse_name(n, e, parse_function, "read, write, append, delete");
     }},
    {"key", true, [](auto& d, Name n, const Element& e) { d.operation().key = parse_text(n, e); }},
    {"value", true, [](auto& d, Name n, const Element& e) { d.operation().value = parse_value(n, e); }},
    {"type", true,
     [](auto& d, Name n, const Element& e) {
       d.operation().outcome = parse_name(n, e, parse_outcome, "ok, fail, info");
     }},
    {"invoke", true, [](auto& d, Name n, const Element& e) { d.operation().invoke = parse_time(n, e); }},
    {"complete", true, [](auto& d, Name n, const Element& e) { d.operation().complete = parse_time(n, e); }},
    {"node", false, [](auto& d, Name n, const Element& e) { d.operation().node = parse_text(n, e); }},
    {"role", false,
     [](auto& d, Name n, const Element& e) {
       d.operation().role = parse_name(n, e, parse_role, "leader, follower, unknown");
     }},
    {"version", false, [](auto& d, Name n, const Element& e) { d.version = parse_integer(n, e); }},
    {"epoch", false, [](auto& d, Name n, const Element& e) { d.epoch = parse_integer(n, e); }},
    {"position", false, [](auto& d, Name n, const Element& e) { d.operation().position = parse_text(n, e); }},
    {"txn", false, [](auto& d, Name n, const Element& e) { d.operation().txn = parse_text(n, e); }},
    {"intent", false, [](auto& d, Name n, const Element& e) { d.operation().intent = parse_text(n, e); }},
    {"waited_ms", false, [](auto& d, Name n, const Element& e) { d.operation().waited_ms = parse_milliseconds(n, e); }},
    {"fallback", false, [](auto& d, Name n, const Element& e) { d.operation().fallback = parse_flag(n, e); }},
    {"labels", false, [](auto& d, Name n, const Element& e) { d.operation().labels = parse_labels(n, e); }},
    {"error", false, [](auto& d, Name n, const Element& e) { d.operation().error = parse_text(n, e); }},
}};

/// What no field shows by itself.
void check_operation(const Operation& operation) {
  if (operation.session.empty()) bad_field("session", "is empty; write the session's name");
  if (operation.complete < operation.invoke) {
    bad_field("complete", fmt::format("is {}, before `invoke` ({}); take both from one monotonic clock",
                                      operation.complete, operation.invoke));
  }
  const bool has_value = !is_null(operation.value);
  switch (operation.function) {
    case Function::read:
      if (has_value && operation.outcome != Outcome::ok) {
        bad_field("value", fmt::format("is there although the read is `{}`; write null", to_string(operation.outcome)));
      }
      break;
    case Function::write:
    case Function::append:
      if (!has_value || is_list(operation.value)) {
        bad_field("value", fmt::format("is {}; write the string or integer that the {} carries",
                                       has_value ? "an array" : "null", to_string(operation.function)));
      }
      break;
    case Function::remove:
      if (has_value) bad_field("value", "is there although this is a delete; write null");
      break;
  }
}

OperationLine parse_operation(const simdjson::dom::object& object) {
  OperationDraft draft;
  parse_fields(object, operation_fields, draft);
  Operation& operation = draft.operation();
  check_operation(operation);
  if (draft.version) operation.version = RecordedVersion{draft.epoch, *draft.version};
  if (operation.process.empty()) operation.process = operation.session;
  return std::move(draft.line);
}

constexpr std::array<Field<Header>, 9> header_fields{{
    {"kind", true, skip},
    {"schema", false,
     [](Header&, Name n, const Element& e) {
       const std::string schema = parse_text(n, e);
       if (schema == history_schema) return;
       bad_field(n, fmt::format("is '{}', which this afterwrite cannot read; it reads {}", visible_text(schema),
                                history_schema));
     }},
    {"system", false, [](Header& h, Name n, const Element& e) { h.system = parse_text(n, e); }},
    {"workload", false, [](Header& h, Name n, const Element& e) { h.workload = parse_text(n, e); }},
    {"policy", false, [](Header& h, Name n, const Element& e) { h.policy = parse_text(n, e); }},
    {"seed", false, [](Header& h, Name n, const Element& e) { h.seed = parse_count(n, e); }},
    {"assume", false, [](Header& h, Name n, const Element& e) { h.assume = parse_texts(n, e); }},
    {"times", false,
     [](Header&, Name n, const Element& e) {
       const std::string times = parse_text(n, e);
       if (times != "none" && times != "order") {
         bad_field(n, fmt::format("is '{}'; write one of none, order, or leave it out where times were measured", visible_text(times)));
       }
     }},
    {"min_at_risk", false, [](Header&, Name n, const Element& e) { parse_count(n, e); }},
}};

constexpr std::array<Field<FaultEvent>, 7> fault_fields{{
    {"kind", true, skip},
    {"time", true, [](FaultEvent& f, Name n, const Element& e) { f.time = parse_time(n, e); }},
    {"fault", true, [](FaultEvent& f, Name n, const Element& e) { f.fault = parse_text(n, e); }},
    {"phase", true,
     [](FaultEvent& f, Name n, const Element& e) {
       f.phase = parse_text(n, e);
       if (f.phase == "start" || f.phase == "end" || f.phase == "proof") return;
       bad_field(n, fmt::format("is '{}'; write one of start, end, proof", visible_text(f.phase)));
     }},
    {"episode", false, [](FaultEvent& f, Name n, const Element& e) { f.episode = parse_text(n, e); }},
    {"targets", false, [](FaultEvent& f, Name n, const Element& e) { f.targets = parse_texts(n, e); }},
    {"detail", false, [](FaultEvent& f, Name n, const Element& e) { f.detail = parse_object(n, e); }},
}};

struct LagDraft {
  LagSample sample;
  bool measured = false;
};

constexpr std::array<Field<LagDraft>, 6> lag_fields{{
    {"kind", true, skip},
    {"time", true, [](LagDraft& d, Name n, const Element& e) { d.sample.time = parse_time(n, e); }},
    {"node", true, [](LagDraft& d, Name n, const Element& e) { d.sample.node = parse_text(n, e); }},
    {"reachable", false, [](LagDraft& d, Name n, const Element& e) { d.sample.reachable = parse_flag(n, e); }},
    {"lag_ms", false,
     [](LagDraft& d, Name n, const Element& e) {
       d.sample.lag_ms = parse_milliseconds(n, e);
       d.measured = true;
     }},
    {"beat_acknowledged", false,
     [](LagDraft& d, Name n, const Element& e) { d.sample.beat_acknowledged = parse_time(n, e); }},
}};

LagSample parse_lag(const simdjson::dom::object& object) {
  LagDraft draft;
  parse_fields(object, lag_fields, draft);
  if (draft.sample.reachable && !draft.measured) {
    bad_field("lag_ms", R"(is missing; write it, or "reachable":false where the node gave no answer)");
  }
  return draft.sample;
}

constexpr std::array<Field<FooterLine>, 2> footer_fields{{
    {"kind", true, skip},
    {"ops", true, [](FooterLine& f, Name n, const Element& e) { f.operations = parse_count(n, e); }},
}};

/// Why a line is no JSON. Slow: the second look is for the message alone.
std::string why_not_json(std::string_view text, simdjson::error_code error) {
  if (error == simdjson::DEPTH_ERROR) return fmt::format("nested more than {} deep", deepest);
  if (error == simdjson::UTF8_ERROR) return "not valid UTF-8";
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& parse_error) {
    return fmt::format("not JSON from byte {} on", parse_error.byte);
  } catch (const nlohmann::json::exception&) {
    return "a number is out of range";  // even of a double's
  }
  for (const auto& [name, value] : json.items()) {
    if (json.is_object() && value.is_number_float()) {
      return fmt::format("field '{}': is a number that does not fit", visible_text(name));
    }
  }
  return simdjson::error_message(error);
}

}  // namespace

LineParser::LineParser() {
  // Only the depth matters here; the parser grows with the lines.
  if (parser_.allocate(4096, deepest) != simdjson::SUCCESS) throw std::bad_alloc();
}

ParsedLine LineParser::parse(std::string_view text) {
  Element root;
  const simdjson::error_code error = parser_.parse(text.data(), text.size(), false).get(root);
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  if (error != simdjson::SUCCESS) {
    throw NotJson(why_not_json(text, error) + "; a line of a history is one JSON object");
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) throw BadLine("no JSON object; a line of a history is one");
  constexpr std::string_view kinds = "header, op, fault, lag, end";
  Element kind;
  if (object["kind"].get(kind) != simdjson::SUCCESS) {
    bad_field("kind", fmt::format("is missing; write one of {}", kinds));
  }
  const std::string name = parse_text("kind", kind);
  if (name == "op") return parse_operation(object);
  if (name == "lag") return parse_lag(object);
  if (name == "fault") {
    FaultEvent event;
    parse_fields(object, fault_fields, event);
    return event;
  }
  if (name == "header") {
    Header header;
    parse_fields(object, header_fields, header);
    header.all = nlohmann::json::parse(text);
    return header;
  }
  if (name == "end") {
    FooterLine footer;
    parse_fields(object, footer_fields, footer);
    footer.all = nlohmann::json::parse(text);
    return footer;
  }
  bad_field("kind", fmt::format("is '{}'; write one of {}", visible_text(name), kinds));
}

}  // namespace afterwrite
