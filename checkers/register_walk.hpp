#pragma once

#include <array>
#include <optional>
#include <unordered_map>
#include <vector>

#include "checkers/key_order.hpp"
#include "checkers/owed.hpp"
#include "checkers/version_graph.hpp"

namespace afterwrite {

/// One register and all that is needed to judge it. Refers to what others own; they outlive it.
struct RegisterSubject {
  const History& history;
  const KeyHistory& key;
  const KeyOrder& order;
  const SessionViews& views;
  const Scoping& scoping;
  const std::vector<bool>& in_group;  ///< by operation; empty: all
  SortingRules rules;
};

/// One way round a cycle: what an operation met, the path from there to something owed to it, and which guarantee owes it.
struct Breach {
  Assumptions tier;
  Guarantee guarantee = Guarantee::read_your_writes;
  const OwedChain* chain = nullptr;
  std::size_t owed_events = 0;  ///< so many events of the chain are owed
  VersionIndex met = initial_version;
  Owed owed;                             ///< the event that the path leads to
  std::vector<VersionGraph::Step> path;  ///< from `met` to the owed version; every step ends at a version
};

/// Judges one register for one set of guarantees: goes through the operations in order of completion and draws the edges that the
/// set demands of each. An operation whose edges would close a cycle under all assumptions together is a violation, and its
/// edges are left out; the least tier that its edges close a cycle in is what it rests on (docs/guarantees.md,
/// "Counting"; docs/decisions/0002).
class RegisterWalk {
 public:
  /// `tiers`, each with more assumptions than the one before. `skip` are operations whose demands are left out: known to be broken.
  RegisterWalk(const RegisterSubject& subject, Guarantees set, const std::vector<Assumptions>& tiers,
               const Flagged& skip);

  std::vector<Violation> run();

  /// True if no operation breaks the set under the last tier; cheaper than run(), which makes witnesses.
  bool sound();

 private:
  using Node = VersionGraph::Node;

  /// What the walk knows of one chain, whatever the tier.
  struct Chain {
    const OwedChain* events = nullptr;
    std::unordered_map<VersionIndex, std::size_t> first;    // a version's first place in the chain
    std::unordered_map<VersionIndex, std::size_t> covered;  // events that an accepted operation on it has drawn
  };
  /// How much of each chain is owed: written, read; and of those of its session alone, if its user has several.
  using OwedCounts = std::array<std::size_t, 4>;
  /// What was found out about the null reads of one session (user, process). A delete that closed a cycle closes one ever after: the graph only grows, and so
  /// does what is owed.
  struct Nulls {
    std::unordered_map<VersionIndex, OwedCounts> closed;  // with so much owed
    std::optional<VersionIndex> open;                     // the last delete that closed none
    std::vector<std::size_t> all_closed;                  // so many of each run of deletes
    OwedCounts all_closed_with{};
  };
  /// The graph of one tier. Joint i of a chain is newer than the versions of its events 0 .. i.
  struct Layer {
    Assumptions tier;
    VersionGraph graph;
    std::vector<std::vector<Node>> joints;  // by chain
    std::vector<Nulls> nulls;               // by view of their session
  };
  /// One demand: everything owed by a chain is older than what the operation met.
  struct Demand {
    Guarantee guarantee;
    std::size_t chain;
    std::size_t owed;  // so many events of the chain
    std::size_t slot;  // the chain's in OwedCounts
  };
  /// Where a demand runs into a cycle: a path from the version met to this node.
  struct Goal {
    Node node;
    std::optional<std::size_t> event;  // if it is one event's version rather than a joint
  };

  void add_layer(const Assumptions& tier);
  std::vector<Demand> demands(std::size_t place) const;
  bool judged(std::size_t place) const;
  /// Events before the first one on `met` (or all that are owed) share one joint; those after it are drawn one by one.
  std::size_t shared_events(const Demand& demand, VersionIndex met) const;
  std::vector<Goal> goals(const Layer& layer, const Demand& demand, VersionIndex met) const;
  bool breaks(Layer& layer, const std::vector<Demand>& all, VersionIndex met) const;
  std::vector<Breach> nearest_breaches(Layer& layer, const Demand& demand, const Breach& blank) const;
  Breach breach(Layer& layer, const std::vector<Demand>& all, VersionIndex met) const;
  void accept(const std::vector<Demand>& all, VersionIndex met, OperationIndex operation);
  bool null_breaks(Layer& layer, const std::vector<Demand>& all, std::size_t place) const;
  bool breaks_at(Layer& layer, const std::vector<Demand>& all, std::size_t place) const;
  Violation violation_at(Layer& layer, const std::vector<Demand>& all, std::size_t place) const;
  bool take(std::size_t place, std::vector<Violation>* found);

  const RegisterSubject& subject_;
  Guarantees set_;
  const Flagged& skip_;
  std::vector<Chain> chains_;  // written and read of each view, in turn
  std::vector<Layer> layers_;
};

EdgeKind edge_kind(Guarantee guarantee);

}  // namespace afterwrite
