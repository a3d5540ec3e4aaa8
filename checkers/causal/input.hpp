#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace afterwrite {

/// What causal consistency is judged by, and nothing else: who did what in which step, and which write each read saw.
/// Dense numbers in flat arrays, so that any source can fill it. An operation is a number that the source knows; writes
/// are named by their place in `writes`, reads by theirs in `reads`.
struct CausalInput {
  using Index = std::uint32_t;
  static constexpr Index none = 0xffffffff;
  /// What a read saw in place of a write.
  static constexpr Index initial_state = 0xffffffff;
  /// Nothing there, which may be the doing of one of several deletes.
  static constexpr Index unclear = 0xfffffffe;

  /// A transaction, or an operation by itself.
  struct Step {
    std::int64_t invoke = 0;
    std::int64_t complete = 0;
    Index owner = 0;      ///< whose it is: the session, user or process
    bool unsure = false;  ///< nobody was told that it took effect: nothing of its owner's is known to follow it
    bool operator==(const Step&) const = default;
  };
  struct Write {
    Index operation = 0;
    Index step = 0;
    Index key = 0;
    bool removal = false;
    bool operator==(const Write&) const = default;
  };
  struct Read {
    Index operation = 0;
    Index step = 0;
    Index key = 0;
    Index source = initial_state;  ///< a write, one of the two above, or, of a list, a place in `lists`
    bool operator==(const Read&) const = default;
  };
  /// What a list read showed: places `begin` to `end` (exclusive) of `elements`. Those before `fresh` were shown by an
  /// earlier read of the owner as well.
  struct Shown {
    Index begin = 0;
    Index end = 0;
    Index fresh = 0;
    bool operator==(const Shown&) const = default;
  };

  Index owners = 0;
  /// By owner: the session whose times its steps bear; empty: each owner is a session.
  std::vector<Index> owner_session;
  /// By operation; empty: each operation is a step by itself.
  std::vector<Index> operation_step;
  std::vector<Step> steps;  ///< where they stand: in order of completion
  /// By step: its session; empty: each owner is of one session. Where the times of two sessions touch, neither of the steps
  /// precedes the other.
  std::vector<Index> step_session;
  /// Those that did not fail and may be seen by others, the writes of one key together, each key's in order of steps.
  std::vector<Write> writes;
  std::vector<Index> key_writes;        ///< by key, and one more at the end: where its writes begin
  std::vector<Index> step_writes;       ///< writes in order of steps
  std::vector<Index> step_write_begin;  ///< by step, and one more at the end: where its writes begin in `step_writes`
  std::vector<Read> reads;              ///< in order of steps
  std::vector<Index> step_read_begin;   ///< by step, and one more at the end: where its reads begin
  std::vector<bool> holds_list;         ///< by key: its reads show lists that only grow
  std::vector<Shown> lists;
  std::vector<Index> elements;  ///< writes
  /// Of reads that are `unclear`, in their order: how many deletes they may have seen.
  std::vector<Index> unclear_deletes;
  /// Deletes (writes) that began after a read of these had ended and yet may lie behind its transaction, with its number among them,
  /// in order: it has not seen them.
  std::vector<std::pair<Index, Index>> unclear_not_seen;

  bool operator==(const CausalInput&) const = default;

  /// Whether `a`, which stands before `b` and is of the same owner, precedes it.
  bool in_session_order(Index a, Index b) const {
    if (steps[a].complete != steps[b].invoke) return steps[a].complete < steps[b].invoke;
    return step_session.empty() || step_session[a] == step_session[b];
  }
  Index step_of(Index operation) const { return operation_step.empty() ? operation : operation_step[operation]; }
  Index session_of(Index owner) const { return owner_session.empty() ? owner : owner_session[owner]; }
  Index keys() const { return static_cast<Index>(holds_list.size()); }
};

}  // namespace afterwrite
