#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "harness/history/history.hpp"

namespace afterwrite {

/// Builds a history of transactions whose format has no times: only the order of each session is known. The times are
/// made up so that they say that and nothing else: the operations of a transaction overlap, the next one of the session
/// begins after it, the header vouches for `writer-order` alone, so that times of different sessions are not
/// compared, and says so (Times::none), so that no report shows them.
class UntimedHistory {
 public:
  /// One transaction: its place in the session's order.
  struct Place {
    std::string session;
    std::string txn;  ///< empty: an operation by itself
    Nanoseconds invoke = 0;
    Nanoseconds complete = 0;
  };

  /// The place behind all others so far.
  Place next(std::string session, std::string txn) {
    const Nanoseconds invoke = 2 * count_++;
    return {std::move(session), std::move(txn), invoke, invoke + 1};
  }

  /// What failed has no answer: the value of such a read is dropped.
  void add(const Place& place, std::uint64_t line, Function function, std::string key, Value value, Outcome outcome);

  std::size_t size() const { return history_.operations.size(); }
  void note(std::string text) { history_.notes.push_back(std::move(text)); }
  void cut_short() { history_.truncated = true; }

  /// `format` is kept in the header. The builder is used up.
  History finish(std::string_view format);

 private:
  History history_;
  Nanoseconds count_ = 0;
};

}  // namespace afterwrite
