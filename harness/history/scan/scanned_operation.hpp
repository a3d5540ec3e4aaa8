#pragma once

#include <cstdint>
#include <string_view>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// What a line carried as its value.
enum class ValueKind : std::uint8_t { nothing, text, integer, list };

/// One operation as a pass over a file sees it: what the sieve and the run's summary need, nothing copied. The texts
/// lie in the block that was scanned and are good as long as it is.
struct ScannedOperation {
  std::string_view session;
  std::string_view key;
  std::string_view text;  ///< the value, if it is a text
  std::string_view error;
  std::string_view node;
  std::int64_t integer = 0;  ///< the value, if it is an integer
  Nanoseconds invoke = 0;
  Nanoseconds complete = 0;
  std::int64_t version = 0;
  std::int64_t epoch = 0;
  double waited_ms = 0;
  std::uint64_t key_hash = 0;
  std::uint32_t line = 0;    ///< within its block, from 0
  std::uint32_t offset = 0;  ///< of its line in the block's text
  Function function = Function::read;
  Outcome outcome = Outcome::info;
  Role role = Role::unknown;
  ValueKind value = ValueKind::nothing;
  bool versioned = false;
  bool fallback = false;
  bool in_transaction = false;
  bool final_check = false;  ///< a read of a run's final check, when faults are healed and the lag has been waited out
};

/// The same of an operation that is at hand; its texts are then those of `held`, which must outlive it.
ScannedOperation scanned(const Operation& held);

}  // namespace afterwrite
