#include "harness/history/scan/scanned_operation.hpp"

namespace afterwrite {

ScannedOperation scanned(const Operation& held) {
  ScannedOperation operation;
  operation.session = held.session;
  operation.key = held.key;
  operation.error = held.error;
  operation.node = held.node;
  if (const auto* text = std::get_if<std::string>(&held.value)) {
    operation.value = ValueKind::text;
    operation.text = *text;
  } else if (const auto* integer = std::get_if<std::int64_t>(&held.value)) {
    operation.value = ValueKind::integer;
    operation.integer = *integer;
  } else if (is_list(held.value)) {
    operation.value = ValueKind::list;
  }
  operation.invoke = held.invoke;
  operation.complete = held.complete;
  if (held.version) {
    operation.versioned = true;
    operation.version = held.version->version;
    operation.epoch = held.version->epoch;
  }
  operation.waited_ms = held.waited_ms;
  operation.function = held.function;
  operation.outcome = held.outcome;
  operation.role = held.role;
  operation.fallback = held.fallback;
  operation.in_transaction = !held.txn.empty();
  const auto check = held.labels.find("check");
  operation.final_check = check != held.labels.end() && check->second == "final";
  return operation;
}

}  // namespace afterwrite
