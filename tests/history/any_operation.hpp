#pragma once

#include <rapidcheck.h>
#include <string>
#include <tuple>

#include "harness/history/operation.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {

/// Any text that UTF-8 can hold, control characters and NUL among it.
inline rc::Gen<std::string> any_text() {
  return rc::gen::map(rc::gen::oneOf(rc::gen::arbitrary<std::string>(), rc::gen::string<std::string>(),
                                     rc::gen::element<std::string>("s0-1", "k\"1\\", "schl\u00fcssel", "\u2028", "")),
                      [](const std::string& text) { return valid_utf8(text); });
}

inline rc::Gen<std::string> any_name() {
  return rc::gen::suchThat(any_text(), [](const std::string& text) { return !text.empty(); });
}

inline rc::Gen<Scalar> any_scalar() {
  return rc::gen::oneOf(rc::gen::cast<Scalar>(rc::gen::arbitrary<std::int64_t>()), rc::gen::cast<Scalar>(any_text()));
}

inline Value any_value_for(Function function, Outcome outcome) {
  if (function == Function::remove || (function == Function::read && outcome != Outcome::ok)) return {};
  if (function != Function::read) return to_value(*any_scalar());
  return *rc::gen::oneOf(rc::gen::just(Value{}),
                         rc::gen::map(any_scalar(), [](const Scalar& s) { return to_value(s); }),
                         rc::gen::cast<Value>(rc::gen::container<List>(any_scalar())));
}

/// Any operation that a history may hold, completing at `earliest` or later. To be called inside a property.
inline Operation any_operation(Nanoseconds earliest) {
  Operation operation;
  operation.session = *any_name();
  operation.user = *any_name();
  operation.process = *any_name();
  operation.function = *rc::gen::element(Function::read, Function::write, Function::append, Function::remove);
  operation.outcome = *rc::gen::element(Outcome::ok, Outcome::fail, Outcome::info);
  operation.key = *any_text();
  operation.value = any_value_for(operation.function, operation.outcome);
  operation.complete = earliest + *rc::gen::inRange<Nanoseconds>(0, 1'000'000'000'000);
  operation.invoke = *rc::gen::inRange<Nanoseconds>(0, operation.complete + 1);
  operation.node = *any_text();
  operation.role = *rc::gen::element(Role::unknown, Role::leader, Role::follower);
  if (*rc::gen::arbitrary<bool>()) {
    operation.version = RecordedVersion{*rc::gen::arbitrary<std::int64_t>(), *rc::gen::arbitrary<std::int64_t>()};
  }
  operation.position = *any_text();
  operation.txn = *any_text();
  operation.intent = *any_text();
  operation.waited_ms = *rc::gen::inRange(0, 1'000'000) / 1024.0 / 3.0;
  operation.fallback = *rc::gen::arbitrary<bool>();
  operation.labels = *rc::gen::container<std::map<std::string, std::string>>(any_text(), any_text());
  operation.error = *any_text();
  return operation;
}

/// Every field but the line, for comparison.
inline auto fields_of(const Operation& o) {
  return std::tie(o.session, o.user, o.process, o.function, o.key, o.value, o.outcome, o.invoke, o.complete, o.node,
                  o.role, o.version, o.position, o.txn, o.intent, o.waited_ms, o.fallback, o.labels, o.error);
}

}  // namespace afterwrite
