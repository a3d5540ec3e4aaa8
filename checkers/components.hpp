#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace afterwrite {

/// The strongly connected components of a directed graph: two nodes have the same number iff each can be reached from
/// the other. Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972) without recursion; linear.
struct Components {
  std::vector<std::uint32_t> of;    ///< by node
  std::vector<std::uint32_t> size;  ///< by number
  /// Whether a node can be reached from itself by way of another.
  bool cyclic(std::uint32_t node) const { return size[of[node]] > 1; }
  bool any_cycle() const { return size.size() < of.size(); }
};

using NodePair = std::pair<std::uint32_t, std::uint32_t>;
Components find_components(std::uint32_t nodes, const std::vector<NodePair>& arcs);

}  // namespace afterwrite
