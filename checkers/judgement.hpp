#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/history.hpp"

namespace afterwrite {

/// The session guarantees (docs/guarantees.md). The first four are judged key by key (Terry et al. 1994), `causal` across keys.
enum class Guarantee { read_your_writes, monotonic_reads, monotonic_writes, writes_follow_reads, causal };
/// How many are judged key by key: all but `causal`.
inline constexpr std::size_t guarantee_count = 4;

/// A set of guarantees that are judged to hold together; one alone is the usual case, and `causal` is always alone.
using Guarantees = std::bitset<guarantee_count + 1>;
/// The four that are judged key by key: what `coherence` names.
inline Guarantees all_of_a_key() { return Guarantees((1ULL << guarantee_count) - 1); }
inline Guarantees only(Guarantee guarantee) { return Guarantees(1ULL << static_cast<unsigned>(guarantee)); }
inline bool has(const Guarantees& set, Guarantee guarantee) { return set.test(static_cast<std::size_t>(guarantee)); }

/// `read-your-writes`, `read-your-writes+monotonic-reads`, `coherence` (all four), `causal`.
std::string to_string(const Guarantees& set);
std::optional<Guarantees> parse_guarantees(std::string_view name);

/// Orders of versions that are taken for granted, never without being named.
enum class Assumption { writer_order, realtime_writes, one_clock };
inline constexpr std::size_t assumption_count = 3;
using Assumptions = std::bitset<assumption_count>;
std::string_view to_string(Assumption assumption);
std::optional<Assumption> parse_assumption(std::string_view name);
std::vector<std::string> names(const Assumptions& set);
inline bool has(const Assumptions& set, Assumption a) { return set.test(static_cast<std::size_t>(a)); }

/// Whose operations a guarantee speaks of.
enum class Scope { session, user, process };
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view name);

enum class Verdict { held, violated, unknown };
std::string_view to_string(Verdict verdict);
/// `violated` beats `unknown` beats `held`.
Verdict worse(Verdict a, Verdict b);

/// Why one version is older than another. The prose is made by whoever shows it.
enum class EdgeKind {
  initial,              ///< fact: the initial state is older than every other
  recorded_version,     ///< fact: the system's own version numbers
  writer_order,         ///< assumption
  realtime_writes,      ///< assumption
  read_your_writes,     ///< would follow if the guarantee held
  monotonic_reads,
  monotonic_writes,
  writes_follow_reads,
  list_contents,        ///< lists: the elements themselves show it
  session_order,        ///< causal: one session, user or process did the one before the other
  reads_from,           ///< causal: the one read what the other wrote
  one_transaction,      ///< causal: both are part of one transaction
  causal_order,         ///< would follow if causal consistency held: the one lay behind the read of the other
};
std::string_view to_string(EdgeKind kind);

/// One step `older -> newer` of a witness's cycle. In one of `causal`, the values are those of the first operation and of
/// the last; for `causal_order`, of the write that lay behind and of what was read.
struct Edge {
  EdgeKind kind = EdgeKind::initial;
  Value older;
  Value newer;
  /// The operations that show it, as indices into History::operations; empty for `initial`.
  std::vector<std::size_t> operations;
};

/// One more operation that met what a violation's operation met.
struct Repeat {
  std::size_t operation = 0;  ///< an index into History::operations
  double staleness_ms = 0;
  std::optional<std::int64_t> versions_behind;
};

/// One breach, with its evidence.
struct Violation {
  std::uint64_t number = 0;             ///< among all entries of its judgement, from 1; 0 before it is part of one
  Guarantees guarantees;                ///< what cannot hold: one guarantee that is broken by itself, or several jointly
  std::string scope_name;               ///< the session, user or process
  std::string key;
  std::size_t operation = 0;            ///< the operation that broke it, an index into History::operations
  std::vector<std::size_t> operations;  ///< the witness: two to four, in order of the file, `operation` among them
  std::vector<Edge> cycle;              ///< registers: the edges that cannot all be; lists: one edge; causal: both, in order, with what shows them
  Value expected;                       ///< what was owed: the version that `operation` should not be older than, or the missing element
  Value observed;                       ///< what it read or wrote; of an append to a list, the list that shows it out of order
  Assumptions assumptions;              ///< the least it rests on
  /// From the acknowledgement (or first read) of what was owed to the invocation of the read, in ms: how long it was already due.
  /// This and `versions_behind` are those of `operation` itself.
  double staleness_ms = 0;
  /// How many versions of the history are newer than what was read and not newer than what was owed, where versions are recorded
  /// within one epoch; not known for `causal`.
  std::optional<std::int64_t> versions_behind;
  std::uint64_t count = 1;  ///< how often the same session met it: the same stale version, the same element missing from a list
  std::vector<Repeat> repeats;  ///< the others of `count`
  /// Episodes of faults (FaultEvent::episode) that were on between the first invocation and the last completion of the witness.
  std::vector<std::string> faults;
  /// The failover at which what was owed was lost: the new leader does not have what was acknowledged before. Empty where that is not established.
  std::string lost_at;
};

/// One row of a verdict table: a guarantee (or a joint set) at a scope, in a group.
struct Row {
  Guarantees guarantees;
  Scope scope = Scope::session;
  std::string group;  ///< the value of the --group-by label, or those of several; `control` for control sessions; empty otherwise
  std::map<std::string, std::string> labels;  ///< the same, label by label; empty for control sessions
  Verdict verdict = Verdict::unknown;
  std::uint64_t broken = 0;      ///< operations that broke it; for a joint row those that broke one of its members too
  std::uint64_t violations = 0;  ///< of these, the ones that `entries` lists
  std::uint64_t decided = 0;     ///< operations that were owed something and whose relation to it is known
  std::uint64_t at_risk = 0;     ///< of these, the ones that could have failed
  double rate = 0;               ///< broken / at_risk
  double rate_low = 0;           ///< 95 % interval (Clopper-Pearson)
  double rate_high = 1;
  Assumptions assumptions;       ///< those that the verdict rests on
  std::vector<std::string> dropped;  ///< `writer-order on key k3: the recorded versions contradict it`
  std::string reason;            ///< the verdict in a sentence
  /// What broke it. A joint row lists what breaks its guarantees only jointly, and what breaks one of them alone if that one has no row of
  /// its own.
  std::vector<Violation> entries;
  Guarantees listed_elsewhere;   ///< joint rows: the members that were broken alone and have a row of their own
};

/// Whether a fault did what it was meant to do.
struct FaultEpisode {
  std::string episode;
  std::string fault;
  std::vector<std::string> targets;
  Nanoseconds start = 0;
  Nanoseconds end = 0;
  bool bit = false;
  std::string proof;  ///< in words: `lag at node-1 reached the 500 ms asked`
  nlohmann::json detail = nlohmann::json::object();
};

/// Intents of the bank workload that were carried out more than once.
struct BankSummary {
  std::uint64_t intents = 0;
  std::uint64_t carried_out_twice = 0;         ///< because a read did not show what was acknowledged
  std::uint64_t twice_after_unknown_outcome = 0;  ///< explained by an `info` outcome: no guarantee is broken
  std::int64_t money_moved_twice = 0;          ///< of the former, in the workload's unit
  std::vector<std::string> examples;           ///< intents, a few
};

/// Everything that can be said of a history.
struct Judgement {
  Verdict verdict = Verdict::unknown;  ///< over the rows asked for (control rows left out)
  std::vector<Row> rows;
  std::vector<std::string> grouped_by;  ///< the labels that rows are told apart by, in the order asked for; none: they are not
  std::map<std::string, std::uint64_t> anomalies;  ///< by name, e.g. `phantom-read`; absent if none
  std::vector<std::string> anomaly_examples;       ///< a sentence each, a few of each kind
  std::vector<FaultEpisode> faults;
  std::optional<BankSummary> bank;
  std::vector<std::string> notes;  ///< what a reader must know: truncated, counted without lag samples ...
};

/// Numbers the entries of all rows, row by row, as people and programs name them: the first is 1.
void number_entries(Judgement& judgement);

}  // namespace afterwrite
