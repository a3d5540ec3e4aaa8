#include "checkers/version_graph.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace afterwrite {
namespace {

/// Reachability the slow way.
class Plain {
 public:
  explicit Plain(std::size_t nodes) : out_(nodes) {}
  void add(std::size_t from, std::size_t to) { out_[from].push_back(to); }
  bool reaches(std::size_t from, std::size_t to) const {
    std::vector<bool> seen(out_.size());
    std::vector<std::size_t> stack{from};
    while (!stack.empty()) {
      const std::size_t node = stack.back();
      stack.pop_back();
      if (node == to) return true;
      if (seen[node]) continue;
      seen[node] = true;
      stack.insert(stack.end(), out_[node].begin(), out_[node].end());
    }
    return false;
  }

 private:
  std::vector<std::vector<std::size_t>> out_;
};

TEST(VersionGraph, AgreesWithPlainSearchWhileArcsAreAdded) {
  const bool agrees = rc::check("reachability", [] {
    const auto nodes = *rc::gen::inRange<std::uint32_t>(2, 14);
    const auto ranks = *rc::gen::container<std::vector<std::uint64_t>>(nodes, rc::gen::inRange<std::uint64_t>(0, 5));
    VersionGraph graph;
    for (const std::uint64_t rank : ranks) graph.add_version(rank);
    Plain plain(nodes);
    RC_ASSERT(graph.seal());
    const auto arcs = *rc::gen::container<std::vector<std::pair<std::uint32_t, std::uint32_t>>>(
        rc::gen::pair(rc::gen::inRange<std::uint32_t>(0, nodes), rc::gen::inRange<std::uint32_t>(0, nodes)));
    for (const auto& [from, to] : arcs) {
      RC_ASSERT(graph.reaches(to, from) == plain.reaches(to, from));
      if (plain.reaches(to, from)) continue;
      graph.add_arc(from, to, {EdgeKind::recorded_version});
      plain.add(from, to);
    }
    for (std::uint32_t a = 0; a < nodes; ++a) {
      for (std::uint32_t b = 0; b < nodes; ++b) RC_ASSERT(graph.reaches(a, b) == plain.reaches(a, b));
    }
  });
  EXPECT_TRUE(agrees);
}

TEST(VersionGraph, BaseArcsWithACycleCannotBeSealed) {
  VersionGraph graph;
  const auto a = graph.add_version(0);
  const auto b = graph.add_version(1);
  graph.add_base_arc(a, b, {EdgeKind::recorded_version});
  graph.add_base_arc(b, a, {EdgeKind::writer_order});
  EXPECT_FALSE(graph.seal());
}

TEST(VersionGraph, CheapestPathPrefersFewAssumptionsToFewEdges) {
  VersionGraph graph;
  const auto a = graph.add_version(0);
  const auto b = graph.add_version(1);
  const auto c = graph.add_version(2);
  graph.add_base_arc(a, c, {EdgeKind::writer_order});
  graph.add_base_arc(a, b, {EdgeKind::recorded_version});
  graph.add_base_arc(b, c, {EdgeKind::recorded_version});
  ASSERT_TRUE(graph.seal());
  const auto path = graph.cheapest_path(a, c, 3);
  ASSERT_EQ(path.size(), 2U);
  EXPECT_EQ(path[0].newer, b);
  EXPECT_EQ(path[1].newer, c);
}

TEST(VersionGraph, JointsBelongToOneEdge) {
  VersionGraph graph;
  const auto a = graph.add_version(0);
  const auto b = graph.add_version(1);
  const auto joint = graph.add_joint(0);
  const auto next = graph.add_joint(0);
  graph.add_base_arc(a, joint, {EdgeKind::read_your_writes, 7});
  graph.add_base_arc(joint, next, {EdgeKind::read_your_writes});
  graph.add_base_arc(next, b, {EdgeKind::read_your_writes, no_operation, 9});
  ASSERT_TRUE(graph.seal());
  const auto path = graph.cheapest_path(a, b, 2);
  ASSERT_EQ(path.size(), 1U);
  EXPECT_EQ(path[0].older, a);
  EXPECT_EQ(path[0].newer, b);
  EXPECT_EQ(path[0].out.older_operation, 7U);
  EXPECT_EQ(path[0].in.newer_operation, 9U);
}

}  // namespace
}  // namespace afterwrite
