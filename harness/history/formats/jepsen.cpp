// history.edn of Jepsen and Elle: maps, one after another or in one vector. An operation is two of them with one
// `:process`: its `:invoke`, and its completion, `:ok`, `:fail` or `:info`.

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "harness/history/formats/bad_place.hpp"
#include "harness/history/formats/form_reader.hpp"
#include "harness/history/formats/format.hpp"
#include "harness/history/formats/jepsen_call.hpp"
#include "harness/history/formats/jepsen_names.hpp"
#include "harness/history/line_parser.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

enum class Type { invoke, ok, fail, info };

constexpr std::array<std::pair<std::string_view, Type>, 4> types{
    {{"invoke", Type::invoke}, {"ok", Type::ok}, {"fail", Type::fail}, {"info", Type::info}}};

[[noreturn]] void bad_field(std::uint64_t line, std::string_view name, const std::string& message) {
  throw BadPlace(line, fmt::format("field ':{}': {}", name, message));
}

/// A name or a text: what stands in it. Anything else: as EDN.
std::string plain_text(const Form& form) {
  return form.is(FormKind::string) || form.is(FormKind::keyword) ? std::string(form.text()) : edn_text(form);
}

/// One map of the file.
struct Event {
  std::uint64_t line = 0;
  std::optional<Form> type, process, f, value, key, time, index, error, node, session, user;
  std::vector<std::pair<std::string_view, Form>> others;
};

struct EventField {
  std::string_view name;
  std::optional<Form> Event::*field;
};

constexpr std::array<EventField, 11> event_fields{{{"process", &Event::process},
                                                   {"type", &Event::type},
                                                   {"f", &Event::f},
                                                   {"value", &Event::value},
                                                   {"time", &Event::time},
                                                   {"index", &Event::index},
                                                   {"key", &Event::key},
                                                   {"error", &Event::error},
                                                   {"node", &Event::node},
                                                   {"session", &Event::session},
                                                   {"user", &Event::user}}};

Event parse_event(const Form& form) {
  if (!form.is(FormKind::map)) throw BadPlace(form.line(), fmt::format("is {}; an operation is a map", describe(form)));
  Event event;
  event.line = form.line();
  for (auto entry = form.begin(); entry != form.end(); ++entry) {
    const Form key = *entry;
    const Form value = *++entry;
    if (!key.is(FormKind::keyword) && !key.is(FormKind::string)) continue;
    const std::string_view name = key.text();
    const auto known = std::find_if(event_fields.begin(), event_fields.end(),
                                    [&](const EventField& field) { return field.name == name; });
    if (known == event_fields.end()) {
      if (!value.is(FormKind::nil)) event.others.emplace_back(name, value);
    } else {
      if (event.*known->field) bad_field(value.line(), name, "comes twice in this operation; leave one of them out");
      event.*known->field = value;
    }
  }
  return event;
}

Type type_of(const Event& event) {
  constexpr std::string_view known = "write one of :invoke, :ok, :fail, :info";
  if (!event.type) bad_field(event.line, "type", fmt::format("is missing; {}", known));
  for (const auto& [name, type] : types) {
    if (!event.type->is_collection() && event.type->text() == name) return type;
  }
  bad_field(event.type->line(), "type", fmt::format("is {}; {}", describe(*event.type), known));
}

/// The integer of a client; nothing if the operation is the nemesis's.
std::optional<std::int64_t> client_of(const Event& event) {
  if (!event.process) bad_field(event.line, "process", "is missing; write the integer of a client, or :nemesis");
  if (event.process->is(FormKind::integer)) return event.process->integer();
  if (event.process->is(FormKind::keyword)) return std::nullopt;
  bad_field(
      event.process->line(), "process",
      fmt::format("is {}; write the integer of a client, or a keyword such as :nemesis", describe(*event.process)));
}

/// What is known of an operation from its invocation until it completes.
struct Pending {
  std::uint64_t line = 0;
  Nanoseconds time = 0;
  std::string f;
  JepsenCall call;
  Operation common;  // what all steps share
};

class JepsenReader {
 public:
  JepsenReader(ByteSource source, std::string version_field)
      : forms_(std::move(source), Dialect::edn), version_field_(std::move(version_field)) {}

  History read() {
    try {
      read_events();
    } catch (const CutOff& cut) {
      if (!cut.on_last_line()) throw;
      history_.notes.push_back(fmt::format("line {} was cut off in mid-write and is left out", cut.line()));
      history_.truncated = true;
    }
    return finish();
  }

 private:
  enum class Clock { time, index, place };

  void read_events() {
    const char first = forms_.ahead();
    if (first == '[' || first == '(') {
      forms_.enter();
      const char last = first == '[' ? ']' : ')';
      while (forms_.ahead() != last) {
        if (forms_.ahead() == '\0') {
          history_.notes.push_back(
              fmt::format("the '{}' at the end is missing: the recording may have been cut short", last));
          history_.truncated = true;
          return;
        }
        take(parse_event(forms_.read()));
      }
      forms_.leave();
      if (forms_.ahead() != '\0') throw BadPlace(forms_.line(), "something follows the history; a file holds one");
    } else {
      while (forms_.ahead() != '\0')
        take(parse_event(forms_.read()));
    }
  }

  void take(const Event& event) {
    ++events_;
    const Type type = type_of(event);
    const auto client = client_of(event);
    if (!client) {
      if (event.process->text() == header_process) return take_header(event);
      ++nemesis_operations_;
      if (nemesis_names_.size() < 8) nemesis_names_.insert(event.f ? visible_text(plain_text(*event.f), 40) : "nil");
      return;
    }
    const Nanoseconds time = time_of(event);
    latest_ = std::max(latest_, time);
    if (type == Type::invoke) {
      invoke(*client, event, time);
    } else {
      complete(*client, event, type, time);
    }
  }

  /// What our own writer put in front.
  void take_header(const Event& event) {
    if (!event.value || !event.value->is(FormKind::string))
      bad_field(event.line, "value", "is no header of afterwrite's");
    std::string line(event.value->text());
    line.append(simdjson::SIMDJSON_PADDING, '\0');
    try {
      ParsedLine parsed = LineParser().parse(std::string_view(line).substr(0, event.value->text().size()));
      if (auto* header = std::get_if<Header>(&parsed)) header_ = std::move(*header);
    } catch (const BadLine& bad) {
      bad_field(event.line, "value", bad.what());
    }
    if (!header_) bad_field(event.line, "value", "is no header of afterwrite's");
  }

  /// The same measure for the whole history: the one that its first operation bears.
  Nanoseconds time_of(const Event& event) {
    // -1 is how Jepsen's library fills in what was left out.
    const auto bears = [](const std::optional<Form>& form) {
      return form && !form->is(FormKind::nil) && !(form->is(FormKind::integer) && form->integer() == -1);
    };
    if (!clock_) clock_ = bears(event.time) ? Clock::time : bears(event.index) ? Clock::index : Clock::place;
    if (*clock_ == Clock::place) return static_cast<Nanoseconds>(events_);
    const std::string_view name = *clock_ == Clock::time ? "time" : "index";
    const std::optional<Form>& form = *clock_ == Clock::time ? event.time : event.index;
    if (!bears(form)) bad_field(event.line, name, "is missing, whereas the operations above have it; write it in all");
    if (!form->is(FormKind::integer) || form->integer() < 0) {
      bad_field(form->line(), name, fmt::format("is {}; write an integer from 0", describe(*form)));
    }
    return form->integer();
  }

  static CallReader::Fields fields_of(const Event& event) {
    const bool named = event.f && !event.f->is_collection() && !event.f->is(FormKind::nil);
    return {event.line, named ? event.f->text() : std::string_view{}, event.value, event.key};
  }

  void invoke(std::int64_t client, const Event& event, Nanoseconds time) {
    const auto [place, fresh] = pending_.try_emplace(client);
    if (!fresh) {
      bad_field(event.line, "process",
                fmt::format(
                    "{} invokes while its operation of line {} is in flight; a process does one thing at a time, give "
                    "each of the two its own",
                    client, place->second.line));
    }
    Pending& pending = place->second;
    pending.line = event.line;
    pending.time = time;
    pending.f = event.f ? plain_text(*event.f) : "";
    pending.call = calls_.read(fields_of(event));
    pending.common.process = pending.common.session = fmt::format("{}", client);
    take_common(pending.common, event);
  }

  void take_common(Operation& common, const Event& event) {
    const auto take = [](std::string& field, const std::optional<Form>& form) {
      if (form && !form->is(FormKind::nil)) field = plain_text(*form);
    };
    take(common.session, event.session);
    take(common.user, event.user);
    take(common.node, event.node);
    take(common.error, event.error);
    for (const auto& [name, form] : event.others)
      common.labels[std::string(name)] = plain_text(form);
    if (common.session.empty()) bad_field(event.line, "session", "is empty; write the session's name");
  }

  void complete(std::int64_t client, const Event& event, Type type, Nanoseconds time) {
    const auto found = pending_.find(client);
    if (found == pending_.end()) {
      bad_field(event.line, "process",
                fmt::format("{} completes what it did not invoke; restore the :invoke above", client));
    }
    Pending pending = std::move(found->second);
    pending_.erase(found);
    if (event.f && plain_text(*event.f) != pending.f) {
      bad_field(event.line, "f",
                fmt::format("is :{}, its invocation in line {} is :{}; the two of one process belong together",
                            visible_text(plain_text(*event.f), 40), pending.line, visible_text(pending.f, 40)));
    }
    if (time < pending.time) {
      bad_field(event.line, *clock_ == Clock::time ? "time" : "index",
                fmt::format("is {}, before that of the invocation in line {} ({}); take both from one monotonic clock",
                            time, pending.line, pending.time));
    }
    take_common(pending.common, event);
    pending.common.line = event.line;
    const Outcome outcome = type == Type::ok ? Outcome::ok : type == Type::fail ? Outcome::fail : Outcome::info;
    if (outcome == Outcome::ok) {
      CallReader::Fields fields = fields_of(event);
      if (fields.f.empty()) fields.f = pending.f;
      calls_.take_answer(pending.call, fields);
    }
    add(std::move(pending), outcome, time, version_of(event));
  }

  std::optional<RecordedVersion> version_of(const Event& event) {
    if (version_field_.empty()) return std::nullopt;
    const std::optional<std::int64_t> version = integer_of(event, version_field_);
    if (!version) return std::nullopt;
    version_found_ = true;
    // What another program calls an epoch need not be a leader's reign: only beside what we call a version is it one.
    const bool own_words = version_field_ == "version";
    return RecordedVersion{own_words ? integer_of(event, "epoch").value_or(0) : 0, *version};
  }

  /// Of a field that --version-field asks for.
  static std::optional<std::int64_t> integer_of(const Event& event, std::string_view wanted) {
    for (const auto& [name, form] : event.others) {
      if (name != wanted) continue;
      if (!form.is(FormKind::integer)) {
        bad_field(form.line(), name, fmt::format("is {}; --version-field wants one with integers", describe(form)));
      }
      return form.integer();
    }
    return std::nullopt;
  }

  void add(Pending pending, Outcome outcome, Nanoseconds time, const std::optional<RecordedVersion>& version) {
    Operation& common = pending.common;
    JepsenCall& call = pending.call;
    common.outcome = outcome;
    common.invoke = pending.time;
    common.complete = time;
    if (outcome == Outcome::ok) common.error.clear();
    // A compare-and-set that failed says nothing of what it met.
    if (call.kind == JepsenCall::Kind::compare_and_set && outcome != Outcome::ok) call.steps.erase(call.steps.begin());
    if (call.steps.size() > 1) common.txn = fmt::format("{}", ++transactions_);
    const bool one_key = call.steps.size() == 1 || call.kind == JepsenCall::Kind::compare_and_set;
    if (version && outcome != Outcome::fail && !one_key) ++versions_dropped_;
    for (Step& step : call.steps) {
      const bool last = &step == &call.steps.back();
      Operation op = last ? std::move(common) : common;
      op.function = step.function;
      op.key = std::move(step.key);
      if (step.function != Function::read || outcome == Outcome::ok) op.value = std::move(step.value);
      const bool done = outcome == Outcome::ok || (outcome == Outcome::info && op.is_write());
      if (done && one_key && last) op.version = version;
      history_.operations.push_back(std::move(op));
    }
  }

  /// What was in flight when the recording ended.
  void end_pending() {
    std::vector<Pending> left;
    for (auto& [client, pending] : pending_)
      left.push_back(std::move(pending));
    std::sort(left.begin(), left.end(), [](const Pending& a, const Pending& b) { return a.line < b.line; });
    for (Pending& pending : left) {
      pending.common.line = pending.line;
      add(std::move(pending), Outcome::info, latest_, std::nullopt);
    }
  }

  History finish() {
    end_pending();
    std::vector<Operation>& operations = history_.operations;
    if (operations.empty()) throw EmptyHistory("holds no operation of a client; name a history that holds some");
    const auto earlier = [](const Operation& a, const Operation& b) { return a.complete < b.complete; };
    if (!std::is_sorted(operations.begin(), operations.end(), earlier)) {
      std::stable_sort(operations.begin(), operations.end(), earlier);
    }
    check_version_field();
    if (nemesis_operations_ > 0) {
      std::string names;
      for (const std::string& name : nemesis_names_)
        names += (names.empty() ? "" : ", ") + name;
      history_.notes.push_back(
          fmt::format("left out: {} of no client ({})", counted(nemesis_operations_, "operation"), names));
    }
    if (header_) {
      history_.header = std::move(*header_);
      history_.truncated = history_.truncated || history_.header.all.value(cut_short_field, false);
    } else {
      // Jepsen stamps both ends of every operation by the clock of the one machine that runs the clients.
      history_.header.assume = std::vector<std::string>{"writer-order", "one-clock"};
    }
    history_.header.all["recorded_as"] = "jepsen-edn";
    if (clock_ != Clock::time && times_of(history_.header) == Times::measured) history_.header.all["times"] = "order";
    return std::move(history_);
  }

  void check_version_field() {
    if (versions_dropped_ > 0) {
      history_.notes.push_back(fmt::format("field :{} of {} transactions is not taken: a version is that of one key",
                                           version_field_, versions_dropped_));
    }
    if (version_field_.empty() || version_found_) return;
    std::set<std::string> names;
    for (const Operation& op : history_.operations) {
      for (const auto& [name, value] : op.labels)
        names.insert(name);
    }
    std::string known;
    for (const std::string& name : names)
      known += (known.empty() ? "" : ", ") + visible_text(name, 40);
    throw EmptyHistory(fmt::format("no completed operation bears the field of --version-field {}; it has {}",
                                   version_field_, known.empty() ? "no fields of its own" : known));
  }

  FormReader forms_;
  std::string version_field_;
  CallReader calls_;
  History history_;
  std::optional<Header> header_;
  std::unordered_map<std::int64_t, Pending> pending_;
  std::optional<Clock> clock_;
  std::uint64_t events_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t nemesis_operations_ = 0;
  std::uint64_t versions_dropped_ = 0;
  std::set<std::string> nemesis_names_;
  Nanoseconds latest_ = 0;
  bool version_found_ = false;
};

}  // namespace

History read_jepsen_edn(ByteSource source, const ReadOptions& options) {
  return JepsenReader(std::move(source), options.version_field).read();
}

}  // namespace afterwrite
