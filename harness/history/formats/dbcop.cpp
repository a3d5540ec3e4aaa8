// The JSON of dbcop: an array of sessions, each an array of transactions {"events":[...],"committed":true}, whose
// events are
// {"Read":{"variable":1,"version":7}} or, compact, ["r",1,7]. It may stand in an object under "data". The older form
// says
// {"write":false,"variable":1,"value":7,"success":true} for an event, and "success" for "committed".

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "harness/history/formats/bad_place.hpp"
#include "harness/history/formats/form_reader.hpp"
#include "harness/history/formats/format.hpp"
#include "harness/history/formats/untimed.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

[[noreturn]] void bad_field(const Form& at, std::string_view name, const std::string& message) {
  throw BadPlace(at.line(), fmt::format("field '{}': {}", name, message));
}

/// The value of a field of an object.
std::optional<Form> find(const Form& object, std::string_view name) {
  for (auto entry = object.begin(); entry != object.end(); ++entry) {
    const Form key = *entry;
    ++entry;
    if (key.is(FormKind::string) && key.text() == name) return *entry;
  }
  return std::nullopt;
}

Form get(const Form& object, std::string_view name) {
  const auto found = find(object, name);
  if (!found) bad_field(object, name, "is missing; write it as docs/history-formats.md shows");
  return *found;
}

bool flag(const Form& form, std::string_view name) {
  if (!form.is(FormKind::boolean)) bad_field(form, name, fmt::format("is {}; write true or false", describe(form)));
  return form.text() == "true";
}

struct Event {
  bool write = false;
  bool done = true;
  std::string variable;
  Value version;
};

std::string parse_variable(const Form& form) {
  if (form.is(FormKind::integer)) return fmt::format("{}", form.integer());
  if (!form.is(FormKind::string))
    bad_field(form, "variable", fmt::format("is {}; write an integer or a string", describe(form)));
  return std::string(form.text());
}

Value parse_version(const Form& form, bool write) {
  if (form.is(FormKind::integer)) return form.integer();
  if (form.is(FormKind::nil) && !write) return {};
  bad_field(form, "version", fmt::format("is {}; write an integer{}", describe(form), write ? "" : ", or null"));
}

/// `{"Read":{...}}`
Event parse_tagged(const Form& form) {
  const Form name = form[0];
  const Form fields = form[1];
  Event event;
  event.write = name.text() == "Write";
  if (!event.write && name.text() != "Read")
    bad_field(form, "events", "holds neither a Read nor a Write; name an event by one of them");
  if (!fields.is(FormKind::map))
    bad_field(fields, name.text(), fmt::format("is {}; write an object", describe(fields)));
  event.variable = parse_variable(get(fields, "variable"));
  event.version = parse_version(get(fields, "version"), event.write);
  return event;
}

/// `["r",1,7]`
Event parse_compact(const Form& form) {
  const bool known = form.size() == 3 && (form[0].text() == "r" || form[0].text() == "w");
  if (!known)
    bad_field(form, "events", R"(holds an array that is neither ["r",variable,version] nor ["w",variable,version])");
  Event event;
  event.write = form[0].text() == "w";
  event.variable = parse_variable(form[1]);
  event.version = parse_version(form[2], event.write);
  return event;
}

Event parse_event(const Form& form) {
  if (form.is(FormKind::vector)) return parse_compact(form);
  if (!form.is(FormKind::map)) bad_field(form, "events", fmt::format("holds {}; write objects", describe(form)));
  if (form.size() == 2) return parse_tagged(form);
  Event event;
  event.write = flag(get(form, "write"), "write");
  event.variable = parse_variable(get(form, "variable"));
  event.version = parse_version(get(form, "value"), event.write);
  if (const auto success = find(form, "success")) event.done = flag(*success, "success");
  return event;
}

class DbcopReader {
 public:
  explicit DbcopReader(ByteSource source) : forms_(std::move(source), Dialect::json) {}

  History read() {
    if (forms_.ahead() == '{') {
      read_wrapped();
    } else {
      read_sessions();
    }
    if (forms_.ahead() != '\0') throw BadPlace(forms_.line(), "something follows the history; a file holds one");
    if (history_.size() == 0) throw EmptyHistory("holds no operation; name a history that holds some");
    return history_.finish("dbcop");
  }

 private:
  void expect(char bracket, std::string_view what) {
    const char ahead = forms_.ahead();
    if (ahead == bracket) return;
    if (ahead == '\0') throw BadPlace(forms_.line(), "the file ends before the history does; restore the rest");
    throw BadPlace(forms_.line(), fmt::format("'{}' stands here; {}", visible_text({&ahead, 1}), what));
  }

  /// Goes into an array and calls `each` until it ends.
  void read_array(std::string_view what, auto each) {
    expect('[', what);
    forms_.enter();
    while (forms_.ahead() != ']') {
      if (forms_.ahead() == '\0') expect(']', "");
      each();
    }
    forms_.leave();
  }

  void read_wrapped() {
    forms_.enter();
    bool found = false;
    while (forms_.ahead() != '}') {
      if (forms_.ahead() == '\0') expect('}', "");
      const Form key = forms_.read();
      if (key.is(FormKind::string) && key.text() == "data") {
        if (found) throw BadPlace(forms_.line(), "field 'data': comes twice");
        found = true;
        read_sessions();
      } else {
        forms_.read();
      }
    }
    if (!found) throw BadPlace(forms_.line(), "field 'data': is missing; write the array of sessions");
    forms_.leave();
  }

  void read_sessions() {
    read_array("a history is an array of sessions", [this] {
      ++session_;
      read_array("a session is an array of transactions", [this] { take_transaction(forms_.read()); });
    });
  }

  void take_transaction(const Form& form) {
    if (!form.is(FormKind::map)) {
      throw BadPlace(form.line(), fmt::format("a transaction is {}; write an object", describe(form)));
    }
    auto committed = find(form, "committed");
    if (!committed) committed = find(form, "success");
    if (!committed) bad_field(form, "committed", "is missing; write true or false");
    const bool done = flag(*committed, "committed");
    const Form events = get(form, "events");
    if (!events.is(FormKind::vector))
      bad_field(events, "events", fmt::format("is {}; write an array", describe(events)));
    const auto place = history_.next(fmt::format("{}", session_), fmt::format("{}", ++transaction_));
    for (const Form event_form : events) {
      Event event = parse_event(event_form);
      history_.add(place, event_form.line(), event.write ? Function::write : Function::read, std::move(event.variable),
                   std::move(event.version), done && event.done ? Outcome::ok : Outcome::fail);
    }
  }

  FormReader forms_;
  UntimedHistory history_;
  std::uint64_t session_ = 0;
  std::uint64_t transaction_ = 0;
};

}  // namespace

History read_dbcop(ByteSource source, const ReadOptions& /*options*/) {
  return DbcopReader(std::move(source)).read();
}

}  // namespace afterwrite
