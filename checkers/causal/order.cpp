#include "checkers/causal/order.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "checkers/version_graph.hpp"

namespace afterwrite {

using Index = CausalInput::Index;

CausalOrder::CausalOrder(const CausalInput& input) : input_(input) {
  find_seen();
  order_owners();
  if (arrange()) return;
  drop_contradictions();
  arrange();
}

void CausalOrder::find_seen() {
  seen_.resize(steps());
  for (Index read = 0; read < input_.reads.size(); ++read) {
    for_each_source(read, [&](Index write) { seen_[input_.writes[write].step] = true; });
  }
}

void CausalOrder::order_owners() {
  before_.assign(steps(), none);
  preceding_.assign(steps(), 0);
  lane_.assign(steps(), none);
  place_.assign(steps(), 1);
  sequential_.assign(input_.owners, true);
  std::vector<Index> begin(input_.owners + 1, 0);
  for (const CausalInput::Step& step : input_.steps)
    ++begin[step.owner + 1];
  for (Index owner = 0; owner < input_.owners; ++owner)
    begin[owner + 1] += begin[owner];
  std::vector<Index> sorted(steps());
  std::vector<Index> next(begin.begin(), begin.end() - 1);
  for (Index step = 0; step < steps(); ++step)
    sorted[next[input_.steps[step].owner]++] = step;
  owned_.reserve(steps());
  std::vector<Index> own;
  for (Index owner = 0; owner < input_.owners; ++owner) {
    own.assign(sorted.begin() + begin[owner], sorted.begin() + begin[owner + 1]);
    order_owner(owner, own);
    assign_lanes(own);
  }
  owned_begin_.push_back(static_cast<Index>(owned_.size()));
  sure_lanes_ = lanes_;
  for (Index step = 0; step < steps(); ++step) {
    if (input_.steps[step].unsure && seen_[step]) lane_[step] = lanes_++;
  }
}

bool CausalOrder::of_several_sessions(const std::vector<Index>& own) const {
  return !input_.step_session.empty() && std::any_of(own.begin(), own.end(), [&](Index step) {
    return input_.step_session[step] != input_.step_session[own.front()];
  });
}

const std::vector<Index>& CausalOrder::touching(Index step) const {
  static const std::vector<Index> nothing;
  const auto found = touching_.find(step);
  return found == touching_.end() ? nothing : found->second;
}

/// Those that precede a step are the first sure ones in order of completion, up to one that ended after the step began. Of several
/// sessions, up to one that ended in that very moment: of these, the ones of its own session precede it.
void CausalOrder::order_owner(Index owner, const std::vector<Index>& own) {
  const bool several = of_several_sessions(own);
  std::map<std::pair<Index, std::int64_t>, std::vector<Index>> ended;  // of several: by session and moment
  const auto begin = static_cast<Index>(owned_.size());
  owned_begin_.push_back(begin);
  std::vector<Index> joint;  // by number of sure steps, less one: the node that stands for so many
  for (const Index step : own) {
    const std::int64_t invoke = input_.steps[step].invoke;
    const auto too_late = [&](Index other) {
      const std::int64_t complete = input_.steps[other].complete;
      return several ? complete >= invoke : complete > invoke;
    };
    auto count = static_cast<Index>(owned_.size()) - begin;
    if (count > 0 && too_late(owned_.back())) {
      const auto later = std::partition_point(owned_.begin() + begin, owned_.end(),
                                              [&](Index other) { return !too_late(other); });
      count = static_cast<Index>(later - owned_.begin()) - begin;
    }
    preceding_[step] = count;
    if (count > 0) before_[step] = joint[count - 1];
    if (several) {
      const auto touching = ended.find({input_.step_session[step], invoke});
      if (touching != ended.end()) follow(step, touching->second);
    }
    if (input_.steps[step].unsure) continue;
    if (several) {
      std::vector<Index>& here = ended[{input_.step_session[step], input_.steps[step].complete}];
      if (invoke == input_.steps[step].complete) here.clear();  // it follows them
      here.push_back(step);
    }
    if (count == joint.size()) {
      joint.push_back(step);
    } else {
      sequential_[owner] = false;
      before_.push_back(joint.back());
      beside_.push_back(step);
      joint.push_back(nodes() - 1);
    }
    owned_.push_back(step);
  }
}

/// Puts these behind a step, besides what already is.
void CausalOrder::follow(Index step, const std::vector<Index>& touching) {
  touching_[step] = touching;
  for (const Index other : touching) {
    if (before_[step] == none) {
      before_[step] = other;
      continue;
    }
    before_.push_back(before_[step]);
    beside_.push_back(other);
    before_[step] = nodes() - 1;
  }
}

/// Each step goes on the lane that was free last before it began.
void CausalOrder::assign_lanes(const std::vector<Index>& own) {
  struct Lane {
    std::int64_t free_from;  // the end of its last step
    Index number;
    Index length;
  };
  const bool several = of_several_sessions(own);  // then one that was free earlier
  std::vector<Lane> lanes;                        // in order of `free_from`, as steps come in order of completion
  for (const Index step : own) {
    const CausalInput::Step& times = input_.steps[step];
    if (times.unsure) continue;
    const auto is_free = [&](const Lane& lane) {
      return several ? lane.free_from < times.invoke : lane.free_from <= times.invoke;
    };
    auto later = lanes.end();
    if (!lanes.empty() && !is_free(lanes.back())) later = std::partition_point(lanes.begin(), lanes.end(), is_free);
    Lane lane{0, lanes_, 0};
    if (later == lanes.begin()) {
      ++lanes_;
    } else {
      lane = *(later - 1);
      lanes.erase(later - 1);
    }
    lane_[step] = lane.number;
    place_[step] = ++lane.length;
    lane.free_from = times.complete;
    lanes.push_back(lane);
  }
}

/// Finds the sequence. False if there is none: then something lies behind itself.
bool CausalOrder::arrange() {
  sequence_.clear();
  sequence_.reserve(nodes());
  std::vector<std::uint8_t> state(nodes(), 0);  // 1: waits for what lies behind it; 2: has its place
  std::vector<Index> waiting;
  for (Index step = 0; step < steps(); ++step) {
    if (!place_after_all_behind(step, state, waiting)) return false;
  }
  for (Index node = steps(); node < nodes(); ++node) {
    if (!place_after_all_behind(node, state, waiting)) return false;
  }
  at_.resize(nodes());
  for (Index i = 0; i < sequence_.size(); ++i)
    at_[sequence_[i]] = i;
  return true;
}

bool CausalOrder::place_after_all_behind(Index root, std::vector<std::uint8_t>& state, std::vector<Index>& waiting) {
  waiting.assign(1, root);
  while (!waiting.empty()) {
    const Index node = waiting.back();
    if (state[node] == 2) {
      waiting.pop_back();
      continue;
    }
    state[node] = 1;
    bool ready = true;
    bool circle = false;
    for_each_behind(node, [&](Index behind) {
      if (state[behind] == 2) return;
      circle = circle || state[behind] == 1;
      ready = false;
      waiting.push_back(behind);
    });
    if (circle) return false;
    if (!ready) continue;
    waiting.pop_back();
    state[node] = 2;
    sequence_.push_back(node);
  }
  return true;
}

/// Among the nodes that lie behind themselves, lets the reads draw their arcs in order, but for those that would close
/// a cycle.
void CausalOrder::drop_contradictions() {
  dropped_.resize(input_.reads.size());
  std::vector<NodePair> arcs;
  for (Index node = 0; node < nodes(); ++node) {
    for_each_behind(node, [&](Index behind) { arcs.emplace_back(behind, node); });
  }
  const Components components = find_components(nodes(), arcs);
  std::vector<Index> number(nodes(), none);
  VersionGraph graph;
  for (Index node = 0; node < nodes(); ++node) {
    if (components.cyclic(node)) number[node] = graph.add_version(node);
  }
  const auto together = [&](Index a, Index b) {
    return number[a] != none && number[b] != none && components.of[a] == components.of[b];
  };
  for (Index node = 0; node < nodes(); ++node) {
    for (const Index behind : {before(node), beside(node)}) {
      if (behind != none && together(behind, node)) graph.add_base_arc(number[behind], number[node], {});
    }
  }
  graph.seal();
  for (Index read = 0; read < input_.reads.size(); ++read) {
    const Index step = input_.reads[read].step;
    std::vector<VersionGraph::Node> sources;
    for_each_source(read, [&](Index write) {
      if (together(input_.writes[write].step, step)) sources.push_back(number[input_.writes[write].step]);
    });
    if (graph.reaches_any(number[step], sources)) {
      dropped_[read] = true;
      contradictions_.push_back(read);
    } else {
      for (const VersionGraph::Node source : sources)
        graph.add_arc(source, number[step], {});
    }
  }
}

}  // namespace afterwrite
