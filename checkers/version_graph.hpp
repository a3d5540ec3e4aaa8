#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checkers/key_history.hpp"

namespace afterwrite {

/// A directed graph "older -> newer" that stays free of cycles while edges are added one by one.
///
/// Nodes 0 .. versions-1 are versions of one key. Further nodes are joints: they stand for no version and
/// only let many edges share a path (everything that a session was shown up to some moment -> what it is shown next). An edge between
/// two versions is a path that touches no other version; its reason is that of the arc which leaves
/// a version or enters one.
///
/// The order is kept by the algorithm of Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic
/// graphs" (2006): an arc that agrees with the present order costs nothing, one that does not costs the part of the
/// graph between its ends. No recursion. One thread at a time.
class VersionGraph {
 public:
  using Node = std::uint32_t;

  /// Why an arc is there: its kind and, for edges that a guarantee demands, the operation that showed the older version and the one
  /// that met the newer one (each known only at its own end of a chain of joints).
  struct Reason {
    EdgeKind kind = EdgeKind::initial;
    OperationIndex older_operation = no_operation;
    OperationIndex newer_operation = no_operation;
  };

  /// `rank` of a node is where it is likely to stand: a good guess makes arcs cheap, a bad one only slow.
  Node add_version(std::uint64_t rank) { return add_node(rank); }
  Node add_joint(std::uint64_t rank) { return add_node(rank); }

  /// Adds an arc before seal(). Parallel arcs are allowed.
  void add_base_arc(Node from, Node to, Reason reason);

  /// Finds a first order. False if the arcs have a cycle (then nothing else may be called).
  bool seal();

  /// True if there is a path from `from` to `to` (also if they are the same). After seal().
  bool reaches(Node from, Node to);

  /// True if there is a path from `from` to one of `goals`; a path from a node to itself does not count. One search for all of them,
  /// none if all stand before `from`. After seal().
  bool reaches_any(Node from, const std::vector<Node>& goals);
  /// Those of `goals`, in their order, that there is a path to; at most `most`.
  std::vector<Node> reached(Node from, const std::vector<Node>& goals, std::size_t most);

  /// Adds an arc that closes no cycle, i.e. !reaches(to, from). After seal().
  void add_arc(Node from, Node to, Reason reason);

  /// One edge between versions on a path: the arcs that left `older` and entered `newer`.
  struct Step {
    Node older;
    Node newer;
    Reason out;
    Reason in;
  };

  /// The path from version `from` to one of `goals` with the fewest assumptions, then the fewest edges; of several, to the goal that
  /// is named first. The goals are versions, or one joint: the last step's `newer` then is the joint and only `out` is meant.
  /// Empty if there is none. After seal().
  std::vector<Step> cheapest_path(Node from, const std::vector<Node>& goals, Node versions);
  std::vector<Step> cheapest_path(Node from, Node to, Node versions) {
    return cheapest_path(from, std::vector<Node>{to}, versions);
  }

 private:
  struct Arc {
    Node to;
    Reason reason;
  };

  /// How a node is reached from the start of a path at the least cost.
  struct Label {
    std::uint32_t assumptions = 0;
    std::uint32_t edges = 0;
    Node before = 0;
    Reason reason;
    bool settled = false;
    std::uint32_t stamp = 0;  // of the search that it is of
  };

  Node add_node(std::uint64_t rank);
  bool search(Node from, const std::vector<Node>& goals, bool one_is_enough);
  std::uint32_t furthest(const std::vector<Node>& goals) const;
  std::optional<Node> settle_nearest(Node from, const std::vector<Node>& goals, Node versions);
  void reorder(std::vector<Node>& behind, std::vector<Node>& ahead);

  std::vector<std::vector<Arc>> out_;
  std::vector<std::vector<Node>> in_;
  std::vector<std::uint64_t> rank_;
  std::vector<std::uint32_t> order_;  // place of each node in the topological order
  std::vector<std::uint32_t> seen_;   // stamp of the last search that met the node
  std::vector<std::uint32_t> goal_;   // stamp of the last search that looked for the node
  std::vector<Label> labels_;         // kept from search to search, since there are many on large graphs
  std::uint32_t stamp_ = 0;
};

}  // namespace afterwrite
