#include "checkers/version_graph.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <map>
#include <queue>
#include <tuple>

namespace afterwrite {

namespace {

bool is_assumption(EdgeKind kind) {
  return kind == EdgeKind::writer_order || kind == EdgeKind::realtime_writes;
}

}  // namespace

VersionGraph::Node VersionGraph::add_node(std::uint64_t rank) {
  out_.emplace_back();
  in_.emplace_back();
  rank_.push_back(rank);
  return static_cast<Node>(out_.size() - 1);
}

void VersionGraph::add_base_arc(Node from, Node to, Reason reason) {
  out_[from].push_back({to, reason});
  in_[to].push_back(from);
}

bool VersionGraph::seal() {
  // Kahn's algorithm; among the nodes that are free, the one with the least rank goes first, so that the order
  // starts out close to the order in which things were seen to happen.
  const std::size_t count = out_.size();
  std::vector<std::uint32_t> waiting(count);
  using Entry = std::pair<std::uint64_t, Node>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> free;
  for (Node node = 0; node < count; ++node) {
    waiting[node] = static_cast<std::uint32_t>(in_[node].size());
    if (waiting[node] == 0) free.emplace(rank_[node], node);
  }
  order_.assign(count, 0);
  seen_.assign(count, 0);
  goal_.assign(count, 0);
  std::uint32_t next = 0;
  while (!free.empty()) {
    const Node node = free.top().second;
    free.pop();
    order_[node] = next++;
    for (const Arc& arc : out_[node]) {
      if (--waiting[arc.to] == 0) free.emplace(rank_[arc.to], arc.to);
    }
  }
  return next == count;
}

bool VersionGraph::reaches(Node from, Node to) {
  if (from == to) return true;
  if (order_[from] > order_[to]) return false;
  ++stamp_;
  std::vector<Node> stack{from};
  seen_[from] = stamp_;
  while (!stack.empty()) {
    const Node node = stack.back();
    stack.pop_back();
    for (const Arc& arc : out_[node]) {
      if (arc.to == to) return true;
      if (order_[arc.to] > order_[to] || seen_[arc.to] == stamp_) continue;
      seen_[arc.to] = stamp_;
      stack.push_back(arc.to);
    }
  }
  return false;
}

std::uint32_t VersionGraph::furthest(const std::vector<Node>& goals) const {
  std::uint32_t last = 0;
  for (const Node goal : goals) last = std::max(last, order_[goal]);
  return last;
}

bool VersionGraph::search(Node from, const std::vector<Node>& goals, bool one_is_enough) {
  ++stamp_;
  const std::uint32_t last = furthest(goals);
  if (goals.empty() || order_[from] >= last) return false;
  for (const Node goal : goals) goal_[goal] = stamp_;
  bool any = false;
  std::vector<Node> stack{from};
  while (!stack.empty()) {
    const Node node = stack.back();
    stack.pop_back();
    for (const Arc& arc : out_[node]) {
      if (order_[arc.to] > last || seen_[arc.to] == stamp_) continue;
      seen_[arc.to] = stamp_;
      any = any || goal_[arc.to] == stamp_;
      if (any && one_is_enough) return true;
      stack.push_back(arc.to);
    }
  }
  return any;
}

bool VersionGraph::reaches_any(Node from, const std::vector<Node>& goals) { return search(from, goals, true); }

std::vector<VersionGraph::Node> VersionGraph::reached(Node from, const std::vector<Node>& goals, std::size_t most) {
  std::vector<Node> found;
  if (!search(from, goals, false)) return found;
  for (const Node goal : goals) {
    if (found.size() < most && seen_[goal] == stamp_) found.push_back(goal);
  }
  return found;
}

void VersionGraph::add_arc(Node from, Node to, Reason reason) {
  assert(from != to);
  if (order_[from] > order_[to]) {
    // Everything ahead of `to` up to `from`'s place, and everything behind `from` down to `to`'s place, has to trade places.
    const std::uint32_t upper = order_[from];
    const std::uint32_t lower = order_[to];
    std::vector<Node> ahead{to};
    ++stamp_;
    seen_[to] = stamp_;
    for (std::size_t i = 0; i < ahead.size(); ++i) {
      for (const Arc& arc : out_[ahead[i]]) {
        if (order_[arc.to] > upper || seen_[arc.to] == stamp_) continue;
        assert(arc.to != from && "the caller asked for a cycle");
        seen_[arc.to] = stamp_;
        ahead.push_back(arc.to);
      }
    }
    std::vector<Node> behind{from};
    seen_[from] = stamp_;
    for (std::size_t i = 0; i < behind.size(); ++i) {
      for (const Node node : in_[behind[i]]) {
        if (order_[node] < lower || seen_[node] == stamp_) continue;
        seen_[node] = stamp_;
        behind.push_back(node);
      }
    }
    reorder(behind, ahead);
  }
  add_base_arc(from, to, reason);
}

void VersionGraph::reorder(std::vector<Node>& behind, std::vector<Node>& ahead) {
  const auto by_order = [this](Node a, Node b) { return order_[a] < order_[b]; };
  std::sort(behind.begin(), behind.end(), by_order);
  std::sort(ahead.begin(), ahead.end(), by_order);
  std::vector<std::uint32_t> places;
  places.reserve(behind.size() + ahead.size());
  for (const Node node : behind) places.push_back(order_[node]);
  for (const Node node : ahead) places.push_back(order_[node]);
  std::sort(places.begin(), places.end());
  std::size_t next = 0;
  for (const Node node : behind) order_[node] = places[next++];
  for (const Node node : ahead) order_[node] = places[next++];
}

/// Dijkstra over (assumptions, edges), up to the nearest goal. An edge is paid for where it enters a version, or a goal.
std::optional<VersionGraph::Node> VersionGraph::settle_nearest(Node from, const std::vector<Node>& goals,
                                                               Node versions) {
  const std::uint32_t last = furthest(goals);
  ++stamp_;
  labels_.resize(out_.size());
  for (const Node goal : goals) goal_[goal] = stamp_;
  const auto is_goal = [&](Node node) { return goal_[node] == stamp_; };
  const auto place = [&](Node node) { return std::find(goals.begin(), goals.end(), node) - goals.begin(); };
  std::optional<Node> nearest;
  using Entry = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, Node>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  labels_[from] = {0, 0, from, {}, false, stamp_};
  queue.emplace(0U, 0U, order_[from], from);
  while (!queue.empty()) {
    const Node node = std::get<3>(queue.top());
    queue.pop();
    Label& here = labels_[node];
    if (here.settled) continue;
    if (nearest) {
      const Label& best = labels_[*nearest];
      if (std::tie(here.assumptions, here.edges) > std::tie(best.assumptions, best.edges)) break;
    }
    here.settled = true;
    if (node != from && is_goal(node) && (!nearest || place(node) < place(*nearest))) nearest = node;
    if (nearest) continue;  // what lies behind a goal is no nearer
    const Label base = here;
    for (const Arc& arc : out_[node]) {
      if (order_[arc.to] > last) continue;
      const bool pays = arc.to < versions || is_goal(arc.to);
      const std::uint32_t assumptions = base.assumptions + (pays && is_assumption(arc.reason.kind) ? 1U : 0U);
      const std::uint32_t edges = base.edges + (pays ? 1U : 0U);
      const Label& known = labels_[arc.to];
      if (known.stamp == stamp_ && std::tie(known.assumptions, known.edges) <= std::tie(assumptions, edges)) continue;
      labels_[arc.to] = {assumptions, edges, node, arc.reason, false, stamp_};
      queue.emplace(assumptions, edges, order_[arc.to], arc.to);
    }
  }
  return nearest;
}

std::vector<VersionGraph::Step> VersionGraph::cheapest_path(Node from, const std::vector<Node>& goals,
                                                            Node versions) {
  std::vector<Step> steps;
  const auto goal = settle_nearest(from, goals, versions);
  if (!goal) return steps;
  for (Node node = *goal; node != from;) {
    Step step{0, node, {}, labels_[node].reason};
    Node at = node;
    do {
      step.out = labels_[at].reason;
      at = labels_[at].before;
    } while (at >= versions);
    step.older = at;
    steps.push_back(step);
    node = at;
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

}  // namespace afterwrite
