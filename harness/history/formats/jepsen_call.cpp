#include "harness/history/formats/jepsen_call.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "harness/history/formats/bad_place.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

/// The key of a history whose operations name none: it has one register.
constexpr std::string_view only_key = "register";

[[noreturn]] void bad_value(std::uint64_t line, const std::string& message) {
  throw BadPlace(line, "field ':value': " + message);
}

Scalar scalar_of(const Form& form) {
  switch (form.kind()) {
    case FormKind::integer:
      return form.integer();
    case FormKind::string:
    case FormKind::symbol:
    case FormKind::character:
    case FormKind::boolean:
      return std::string(form.text());
    case FormKind::keyword:
      return fmt::format(":{}", form.text());
    default:
      bad_value(form.line(),
                fmt::format("holds {}; values are integers, strings, keywords, and vectors of them for lists",
                            describe(form)));
  }
}

Value value_of(const Form& form) {
  if (form.is(FormKind::nil)) return {};
  if (!form.is_sequence()) return to_value(scalar_of(form));
  List list;
  for (const Form element : form)
    list.push_back(scalar_of(element));
  return list;
}

Step step_of(Function function, std::string key, const std::optional<Form>& value, std::uint64_t line) {
  Step step{function, std::move(key), value ? value_of(*value) : Value{}};
  if (function == Function::read) return step;
  if (is_list(step.value))
    bad_value(line, fmt::format("a vector is the value of a {}; write a scalar", to_string(function)));
  if (!is_null(step.value)) return step;
  if (function == Function::append) bad_value(line, "nil is appended; write a scalar");
  step.function = Function::remove;  // nil is the state of what was never written
  return step;
}

std::optional<Function> step_function(const Form& form) {
  if (!form.is(FormKind::keyword) && !form.is(FormKind::symbol) && !form.is(FormKind::string)) return std::nullopt;
  const std::string_view name = form.text();
  if (name == "r" || name == "read") return Function::read;
  if (name == "w" || name == "write") return Function::write;
  if (name == "append") return Function::append;
  return std::nullopt;
}

/// `[[:r 1 nil] ...]`
bool is_transaction(const Form& value) {
  if (!value.is_sequence() || value.size() == 0) return false;
  const Form first = value[0];
  return first.is_sequence() && first.size() == 3 && !first[0].is_collection() && !first[0].is(FormKind::integer);
}

std::optional<JepsenCall::Kind> kind_named(std::string_view f) {
  if (f == "read" || f == "r") return JepsenCall::Kind::read;
  if (f == "write" || f == "w") return JepsenCall::Kind::write;
  if (f == "append") return JepsenCall::Kind::append;
  if (f == "cas") return JepsenCall::Kind::compare_and_set;
  if (f == "txn") return JepsenCall::Kind::transaction;
  return std::nullopt;
}

/// An integer as we write it.
bool looks_like_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && stop == text.data() + text.size() && fmt::format("{}", number) == text;
}

/// A key that is written as it is, not as a string.
bool is_bare(std::string_view key) {
  constexpr std::string_view of_keywords = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:?!*+<>=";
  if (key.size() > 1 && key.starts_with(':')) return key.find_first_not_of(of_keywords) == std::string_view::npos;
  return looks_like_integer(key);
}

}  // namespace

std::string key_text(const Form& form) {
  if (form.is(FormKind::integer)) return fmt::format("{}", form.integer());
  if (form.is(FormKind::string) && !is_bare(form.text())) return std::string(form.text());
  return edn_text(form);
}

std::string key_form(std::string_view key) {
  return is_bare(key) ? std::string(key) : edn_string(key);
}

void CallReader::remember(bool keyed, std::uint64_t line) {
  if (!keyed_) {
    keyed_ = keyed;
    keyed_line_ = line;
  }
  if (*keyed_ == keyed) return;
  bad_value(line, fmt::format("is {}, whereas line {} has {}; write one form in the whole history",
                              keyed ? "a pair [k v]" : "no pair [k v]", keyed_line_, keyed ? "a bare value" : "[k v]"));
}

/// Whose value it is. `pair_expected`: the value itself is a pair, so that [k v] holds another.
CallReader::Addressed CallReader::address(const Fields& fields, bool pair_expected) {
  if (fields.key) return {key_text(*fields.key), fields.value};
  if (!fields.value || fields.value->is(FormKind::nil)) return {std::string(only_key), std::nullopt};
  const Form& value = *fields.value;
  const bool pair = value.is_sequence() && value.size() == 2;
  const bool keyed = pair_expected ? pair && value[1].is_sequence() : pair && keyed_.value_or(true);
  remember(keyed, fields.line);
  if (!keyed) return {std::string(only_key), value};
  return {key_text(value[0]), value[1]};
}

JepsenCall CallReader::read_transaction(const Form& value) const {
  if (!value.is_sequence()) {
    bad_value(value.line(),
              fmt::format("is {}; a transaction is a vector of [:r k v], [:w k v], [:append k v]", describe(value)));
  }
  JepsenCall call{JepsenCall::Kind::transaction, {}};
  for (const Form step : value) {
    const bool whole = step.is_sequence() && step.size() == 3;
    const auto function = whole ? step_function(step[0]) : std::nullopt;
    if (!function) {
      bad_value(step.line(), fmt::format("holds {}; a step of a transaction is [:r k v], [:w k v] or [:append k v]",
                                         visible_text(edn_text(step), 40)));
    }
    call.steps.push_back(step_of(*function, key_text(step[1]), step[2], step.line()));
  }
  return call;
}

JepsenCall CallReader::read_compare_and_set(const Fields& fields) {
  const Addressed addressed = address(fields, true);
  if (!addressed.value || !addressed.value->is_sequence() || addressed.value->size() != 2) {
    bad_value(fields.line, "is not [old new], nor [k [old new]], as the value of a :cas");
  }
  const Form& pair = *addressed.value;
  JepsenCall call{JepsenCall::Kind::compare_and_set, {}};
  call.steps.push_back(step_of(Function::read, addressed.key, pair[0], fields.line));
  call.steps.push_back(step_of(Function::write, addressed.key, pair[1], fields.line));
  return call;
}

JepsenCall CallReader::read(const Fields& fields) {
  if (fields.value && is_transaction(*fields.value)) return read_transaction(*fields.value);
  const auto kind = kind_named(fields.f);
  if (!kind) {
    throw BadPlace(fields.line,
                   fmt::format("field ':f': is {}; understood are :read, :write, :append, :cas, and transactions "
                               "of [:r k v], [:w k v], [:append k v]; leave others out",
                               fields.f.empty() ? "missing" : ":" + visible_text(fields.f, 40)));
  }
  switch (*kind) {
    case JepsenCall::Kind::transaction:
      if (!fields.value || fields.value->is(FormKind::nil)) return {JepsenCall::Kind::transaction, {}};
      return read_transaction(*fields.value);
    case JepsenCall::Kind::compare_and_set:
      return read_compare_and_set(fields);
    default:
      break;
  }
  const Addressed addressed = address(fields, false);
  Function function = Function::read;
  if (*kind == JepsenCall::Kind::write) function = Function::write;
  if (*kind == JepsenCall::Kind::append) function = Function::append;
  return {*kind, {step_of(function, addressed.key, addressed.value, fields.line)}};
}

void CallReader::take_answer(JepsenCall& call, const Fields& completion) {
  // What the completion of a write says is at times something else, a version say. It is asked only for what is
  // missing.
  const bool writes = call.kind == JepsenCall::Kind::write || call.kind == JepsenCall::Kind::append;
  if (call.kind == JepsenCall::Kind::compare_and_set || (writes && !is_null(call.steps.front().value))) return;
  JepsenCall answer = read(completion);
  const auto misfit = [&](const std::string& what) {
    bad_value(completion.line, fmt::format("{}; the completion of a call answers what was invoked", what));
  };
  if (answer.kind != call.kind) misfit("is a transaction on one side only");
  if (answer.steps.size() != call.steps.size()) {
    misfit(fmt::format("has {} steps, the invocation {}", answer.steps.size(), call.steps.size()));
  }
  for (std::size_t i = 0; i < call.steps.size(); ++i) {
    Step& step = call.steps[i];
    Step& answered = answer.steps[i];
    // In front of an answer there may be no key yet, and behind it no more.
    const bool unkeyed = call.kind != JepsenCall::Kind::transaction && (step.key == only_key || answered.key == only_key);
    if (step.key != answered.key && !unkeyed) {
      misfit(fmt::format("is of key {}, the invocation of key {}", visible_text(answered.key, 40),
                         visible_text(step.key, 40)));
    }
    if (answered.key != only_key) step.key = std::move(answered.key);
    const bool same = step.function == answered.function;
    const bool chosen_late = step.function == Function::remove && answered.function == Function::write;
    if (!same && !chosen_late) misfit(fmt::format("differs from the invocation in step {}", i + 1));
    if (step.function != Function::read && !chosen_late) continue;
    step.function = answered.function;
    step.value = std::move(answered.value);
  }
}

}  // namespace afterwrite
