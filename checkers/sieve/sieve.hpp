#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/sieve/block_memory.hpp"
#include "checkers/sieve/cleared.hpp"
#include "checkers/sieve/key_state.hpp"
#include "checkers/sieve/name_table.hpp"
#include "harness/history/scan/scanned_operation.hpp"

namespace afterwrite {

/// What the sieve goes by, and what it draws at random so that nobody can choose values that meet in its tables.
struct SieveRules {
  SieveRules(const Assumptions& assumed, std::uint64_t seed);

  Assumptions assumed;  ///< as the exact judge takes them together: none that needs another which is missing
  KnownOrder known = KnownOrder::nothing;
  bool one_clock = false;
  std::uint64_t seed = 0;
  ValueSeeds values;
};

/// Stands before the exact judge (checkers/judge.hpp) and clears the keys that one pass shows to be sound: on them
/// nothing breaks any of the four guarantees, alone or together, no assumption is contradicted and nothing is an
/// anomaly. The others are suspects, and none the worse for it: the exact judge then says what is true
/// of them.
///
/// What clears a key is an order of its versions that the facts, the assumptions and all four guarantees agree with:
/// that of the recorded numbers, or that of first mention. No session may go back in it. Whatever that does not settle
/// at once makes a suspect: docs/decisions/004 lists it.
///
/// Judges by session. Operations of one key come in the order of the file; each sieve has keys of its own. Belongs to
/// one thread.
class Sieve {
 public:
  explicit Sieve(const SieveRules& rules);
  /// For a second pass over the same operations, which counts what was at risk.
  Sieve(const SieveRules& rules, Exposed exposed);

  void take(std::span<const ScannedOperation* const> operations);

  /// After the last operation. `unfinished`: values may be there whose writes were not recorded; then `any_delete`
  /// anywhere in the file makes it doubtful what a read of nothing saw.
  void finish(bool unfinished, bool any_delete);

  /// After finish(): what was counted on cleared keys.
  Cleared cleared() const;
  /// After finish(): whether a cleared key saw reads that may have put something at risk.
  std::uint32_t stale_keys() const;
  /// After finish(): leaves them to the exact judge, which is cheaper than a second pass where they are few.
  void suspect_stale();
  /// After finish(), by number of the key: what a second pass needs of this one. Moved out.
  std::vector<StaleReads> stale_reads();
  /// After finish(): the others.
  std::vector<std::string> suspects() const;

  const NameTable& keys() const { return key_names_; }
  const NameTable& sessions() const { return session_names_; }

 private:
  /// An operation with what it was looked up by.
  struct Looked {
    const ScannedOperation* operation;
    std::uint32_t key;
    std::uint32_t session;
    ValueIdentity value;
    std::uint32_t value_hash;
  };

  void look_up(Looked& one);
  void take(const Looked& one);
  void take_write(const Looked& one, KeyState& key);
  void take_read(const Looked& one, KeyState& key);
  VersionSlot& version(const Looked& one, KeyState& key);
  bool first_mention(const Looked& one, KeyState& key, VersionSlot& slot);
  bool agrees(const ScannedOperation& operation, const KeyState& key, const VersionSlot& slot) const;
  std::optional<Origin> origin_of_write(const Looked& one, const KeyState& key, std::int64_t number) const;
  bool in_sequence(const Looked& one, KeyState& key, std::int64_t number, std::optional<Origin> origin);
  static bool meets_older(const ScannedOperation& operation, const KeyState& key, std::int64_t number);
  void note_stale(const ScannedOperation& operation, KeyState& key, std::int64_t number,
                  std::optional<Origin> origin);
  void expose(std::uint32_t number, KeyState& key);

  void count(const Looked& one, KeyState& key, std::int64_t number, std::optional<Origin> origin);
  void count(KeyState& key, const Waiting& operation);
  void count_numbered(SessionSlot& slot, KeyState& key, const Waiting& operation);
  void count_ranked(SessionSlot& slot, KeyState& key, const Waiting& operation);
  bool count_at_risk(const SessionSlot& slot, KeyState& key, const Waiting& operation, Owing written, Owing read);
  SessionSlot& session_slot(KeyState& key, std::uint32_t session);
  void wait(KeyState& key, const Waiting& operation);
  void came(KeyState& key, std::int64_t number, Origin origin);
  void drain(KeyState& key);
  void suspect(KeyState& key);

  /// Operations of one key that wait for the write of what one of them read; in the order of the file.
  struct Queue {
    std::vector<Waiting> operations;
    std::size_t first = 0;
  };

  SieveRules rules_;
  std::optional<Exposed> exposed_;  // in a second pass
  bool wait_for_all_ = false;       // it matters when each version was acknowledged
  NameTable key_names_;
  NameTable session_names_;
  KeyState& key_state(std::uint32_t number) { return keys_[number / keys_a_piece][number % keys_a_piece]; }
  const KeyState& key_state(std::uint32_t number) const { return keys_[number / keys_a_piece][number % keys_a_piece]; }

  static constexpr std::uint32_t keys_a_piece = 64;
  BlockMemory memory_;  // of the tables of all keys
  std::vector<std::unique_ptr<KeyState[]>> keys_;
  std::vector<LastOperations> sessions_;
  std::vector<Queue> queues_;
  std::vector<std::uint32_t> idle_queues_;
  Nanoseconds longest_ = 0;  // that an operation took so far
};

}  // namespace afterwrite
