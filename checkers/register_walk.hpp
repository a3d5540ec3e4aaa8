#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "checkers/key_order.hpp"
#include "checkers/owed.hpp"

namespace afterwrite {

/// Judges one register for one set of guarantees in one tier: goes through the operations in order of completion and draws the
/// edges that the set demands of each; an operation whose edges would close a cycle is a violation, and its edges are left out. (docs/guarantees.md,
/// "Counting".)
class RegisterWalk {
 public:
  struct Subject {
    const History& history;
    const KeyHistory& key;
    const KeyOrder& order;
    const SessionViews& views;
    const Scoping& scoping;
    const std::vector<bool>& in_group;  ///< by operation; empty: all
    SortingRules rules;
  };

  /// `skip` are operations whose demands are left out: found broken before.
  RegisterWalk(const Subject& subject, Guarantees set, Assumptions tier, const Flagged& skip);

  std::vector<Violation> run();

  /// True if no operation breaks the set; cheaper than run(), which makes witnesses.
  bool sound();

 private:
  using Node = VersionGraph::Node;

  /// The joints of one chain: joint i is newer than the versions of events 0 .. i.
  struct ChainNodes {
    std::vector<Node> joints;
    std::unordered_map<VersionIndex, std::size_t> first;    // a version's first place in the chain
    std::unordered_map<VersionIndex, std::size_t> covered;  // events that an accepted operation on it has drawn
  };
  /// One demand: everything owed by `chain` is older than what the operation met.
  struct Demand {
    Guarantee guarantee;
    const OwedChain* chain;
    ChainNodes* nodes;
    std::size_t owed;  // so many events of the chain
  };
  /// What a demand runs into: a path from the version met to this node.
  struct Breach {
    Demand demand;
    VersionIndex met;
    Node goal;
    std::optional<std::size_t> event;  // if the goal is one event's version rather than a joint
  };

  void add_chain(const OwedChain& chain, ChainNodes& nodes, EdgeKind kind);
  std::vector<Demand> demands(std::size_t place);
  std::optional<Breach> breach(const Demand& demand, VersionIndex met);
  std::optional<Breach> breach_of_any(const std::vector<Demand>& all, VersionIndex met);
  void accept(const Demand& demand, VersionIndex met, OperationIndex operation);
  std::optional<Breach> judge(std::size_t place);
  bool judged(std::size_t place) const;

  /// The versions of a cycle, for choose_operations().
  using Versions = std::vector<VersionIndex>;

  Violation witness(const Breach& breach, OperationIndex operation) const;
  bool direct_witness(const Breach& breach, Violation& violation, OperationIndex operation) const;
  void complete_witness(Violation& violation, const Owed& owed, VersionIndex met) const;
  void choose_operations(Violation& violation, const Versions& versions) const;

  const Subject& subject_;
  Guarantees set_;
  Assumptions tier_;
  const Flagged& skip_;
  VersionGraph graph_;
  std::vector<ChainNodes> written_;
  std::vector<ChainNodes> read_;
};

}  // namespace afterwrite
