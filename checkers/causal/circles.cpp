#include "checkers/causal/circles.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "checkers/causal/clocks.hpp"
#include "checkers/causal/latest.hpp"
#include "checkers/version_graph.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;
using Node = VersionGraph::Node;
constexpr Index none = CausalInput::none;

class Circles {
 public:
  Circles(const CausalSubject& subject, const std::vector<CausalArc>& against)
      : input_(subject.input), order_(subject.order), writes_(subject.writes), broken_(subject.broken) {
    for (const CausalArc& arc : against) {
      if (!broken_[arc.read]) arcs_.push_back(arc);
    }
  }

  std::vector<CausalBreach> run() {
    if (arcs_.empty()) return {};
    const std::vector<CausalArc> against = arcs_;
    find_regions();
    gather(true);
    find_circular();
    if (!any_circular_) return {};
    arcs_ = against;
    gather(false);
    let_all_draw();
    return std::move(breaches_);
  }

 private:
  Index step_of(Index write) const { return input_.writes[write].step; }

  /// Between the ends of the arcs: stretches of the sequence, numbered.
  void find_regions() {
    std::vector<std::pair<Index, Index>> stretches;
    for (const CausalArc& arc : arcs_) {
      stretches.emplace_back(order_.at(step_of(arc.newer)), order_.at(step_of(arc.older)));
    }
    std::sort(stretches.begin(), stretches.end());
    region_.assign(order_.nodes(), none);
    Index end = 0;
    Index number = none;
    for (const auto& [from, to] : stretches) {
      if (number == none || from > end) {
        ++number;
        end = from;
        region_[order_.sequence()[from]] = number;
      }
      for (; end < to; ++end)
        region_[order_.sequence()[end + 1]] = number;
    }
    stretch_ = region_;
  }

  bool joined(Index a, Index b) const { return region_[a] != none && region_[a] == region_[b]; }

  /// Adds the arcs that agree with the sequence, within the regions; `each_once`: whichever read draws them.
  void gather(bool each_once) {
    std::size_t limit = 1U << 20U;
    const auto add = [&](const CausalArc& arc) {
      arcs_.push_back(arc);
      if (!each_once || arcs_.size() < limit) return;
      drop_equal();
      limit = 2 * arcs_.size() + limit;
    };
    for (Index read = 0; read < input_.reads.size(); ++read) {
      const CausalInput::Read& r = input_.reads[read];
      if (!input_.holds_list[r.key] || broken_[read]) continue;
      const CausalInput::Shown& shown = input_.lists[r.source];
      for (Index i = shown.begin; i + 1 < shown.end; ++i) {
        const CausalArc arc{read, input_.elements[i], input_.elements[i + 1]};
        if (joined(step_of(arc.older), step_of(arc.newer)) && writes_.at(arc.older) < writes_.at(arc.newer)) add(arc);
      }
    }
    find_contested();
    const Index clocked = few_draw() ? 0 : order_.clocked_lanes();
    for (Index lane = 0; lane < clocked; lane += lanes_a_pass) {
      run_clocks(input_, order_, lane, [&](Index step, const CausalClock&, const CausalClock& behind) {
        for (Index read = input_.step_read_begin[step]; read < input_.step_read_begin[step + 1]; ++read) {
          if (draws_in_a_region(read)) gather_behind(read, behind, add);
        }
      });
    }
    gather_without_clocks(clocked, add);
    if (each_once) drop_equal();
  }

  /// Notes the writes that stand in a region after another one of their key.
  void find_contested() {
    contested_.assign(input_.writes.size(), false);
    std::vector<std::tuple<Index, Index, Index>> here;  // of one key: region, place in the sequence, write
    for (Index key = 0; key < input_.keys(); ++key) {
      here.clear();
      for (Index write = input_.key_writes[key]; write < input_.key_writes[key + 1]; ++write) {
        const Index region = region_[step_of(write)];
        if (region != none) here.emplace_back(region, writes_.at(write), write);
      }
      std::sort(here.begin(), here.end());
      for (std::size_t i = 1; i < here.size(); ++i) {
        if (std::get<0>(here[i]) == std::get<0>(here[i - 1])) contested_[std::get<2>(here[i])] = true;
      }
    }
  }

  /// Whether so few reads draw that to ask for each is less than to pass over everything.
  bool few_draw() const {
    constexpr Index many = 64;  // one in so many
    Index count = 0;
    for (Index read = 0; read < input_.reads.size(); ++read)
      count += draws_in_a_region(read) ? 1U : 0U;
    return count < input_.reads.size() / many;
  }

  bool draws_in_a_region(Index read) const {
    const CausalInput::Read& r = input_.reads[read];
    return !broken_[read] && !input_.holds_list[r.key] && r.source != CausalInput::unclear &&
           r.source != CausalInput::initial_state && contested_[r.source];
  }

  template <typename Add>
  void gather_behind(Index read, const CausalClock& behind, const Add& add) const {
    const CausalInput::Read& r = input_.reads[read];
    for (Index track = writes_.first_track(r.key); track < writes_.first_track(r.key + 1); ++track) {
      if (writes_.lane(track) >= order_.clocked_lanes() || !behind.covers(writes_.lane(track))) continue;
      const Index count = writes_.upto(track, behind[writes_.lane(track)]);
      if (count == 0) continue;
      const Index write = writes_.member(track, count - 1);
      if (joined(step_of(write), step_of(r.source)) && writes_.at(write) < writes_.at(r.source)) {
        add({read, write, r.source});
      }
    }
  }

  /// The same for the other tracks: of the writes that stand in the region before what the read saw, the last behind
  /// it.
  template <typename Add>
  void gather_without_clocks(Index clocked, const Add& add) const {
    if (clocked == order_.lanes()) return;
    constexpr std::size_t at_once = 1U << 20U;
    std::vector<TrackQuestion> questions;
    const auto ask = [&] {
      for (const TrackAnswer& answer : find_latest(input_, order_, writes_, questions)) {
        const CausalArc arc{answer.read, writes_.member(answer.track, answer.count - 1),
                            input_.reads[answer.read].source};
        if (joined(step_of(arc.older), step_of(arc.newer))) add(arc);
      }
      questions.clear();
    };
    for (Index read = 0; read < input_.reads.size(); ++read) {
      if (!draws_in_a_region(read)) continue;
      const CausalInput::Read& r = input_.reads[read];
      const Index stretch = stretch_[step_of(r.source)];
      for (Index track = writes_.first_track(r.key); track < writes_.first_track(r.key + 1); ++track) {
        if (writes_.lane(track) < clocked) continue;
        const Index high = writes_.upto_at(track, writes_.at(r.source) - 1);
        Index low = high;
        while (low > 0 && stretch_[step_of(writes_.member(track, low - 1))] == stretch)
          --low;
        if (low < high) questions.push_back({read, track, low, high});
      }
      if (questions.size() >= at_once) ask();
    }
    ask();
  }

  void drop_equal() {
    const auto ends = [](const CausalArc& arc) { return std::tie(arc.older, arc.newer); };
    std::sort(arcs_.begin(), arcs_.end(), [&](const auto& a, const auto& b) { return ends(a) < ends(b); });
    arcs_.erase(
        std::unique(arcs_.begin(), arcs_.end(), [&](const auto& a, const auto& b) { return ends(a) == ends(b); }),
        arcs_.end());
  }

  /// Narrows the regions down to the nodes that can be reached from themselves.
  void find_circular() {
    std::vector<NodePair> pairs;
    std::vector<Index> number(order_.nodes(), none);
    Index count = 0;
    for (Index node = 0; node < order_.nodes(); ++node) {
      if (region_[node] != none) number[node] = count++;
    }
    for (Index node = 0; node < order_.nodes(); ++node) {
      if (region_[node] == none) continue;
      order_.for_each_behind(node, [&](Index behind) {
        if (joined(behind, node)) pairs.emplace_back(number[behind], number[node]);
      });
    }
    for (const CausalArc& arc : arcs_) {
      const Index older = number[step_of(arc.older)];
      const Index newer = number[step_of(arc.newer)];
      if (older != newer) pairs.emplace_back(older, newer);
    }
    const Components components = find_components(count, pairs);
    for (Index node = 0; node < order_.nodes(); ++node) {
      if (region_[node] == none) continue;
      const bool circular = components.cyclic(number[node]);
      region_[node] = circular ? components.of[number[node]] : none;
      any_circular_ = any_circular_ || circular;
    }
  }

  /// The steps first, as the graph wants it, then the joints.
  void build() {
    number_.assign(order_.nodes(), none);
    for (Index node = 0; node < order_.nodes(); ++node) {
      if (region_[node] == none) continue;
      number_[node] = graph_.add_version(order_.at(node));
      nodes_.push_back(node);
      if (node < order_.steps()) ++steps_;
    }
    for (const Index node : nodes_) {
      for (const Index behind : {order_.before(node), order_.beside(node)}) {
        if (behind == none || !joined(behind, node)) continue;
        graph_.add_base_arc(number_[behind], number_[node], {EdgeKind::session_order});
      }
      if (node >= order_.steps()) continue;
      for (Index read = input_.step_read_begin[node]; read < input_.step_read_begin[node + 1]; ++read) {
        order_.for_each_source(read, [&](Index write) {
          if (!joined(step_of(write), node)) return;
          graph_.add_base_arc(number_[step_of(write)], number_[node], {EdgeKind::reads_from, no_operation, read});
        });
      }
    }
    graph_.seal();
  }

  /// Read by read: an arc that would close a circle is not drawn, nor are those of its read that come after it.
  void let_all_draw() {
    build();
    std::erase_if(arcs_, [&](const CausalArc& arc) { return !joined(step_of(arc.older), step_of(arc.newer)); });
    std::stable_sort(arcs_.begin(), arcs_.end(), [](const auto& a, const auto& b) { return a.read < b.read; });
    for (std::size_t begin = 0; begin < arcs_.size();) {
      std::size_t end = begin;
      while (end < arcs_.size() && arcs_[end].read == arcs_[begin].read)
        ++end;
      if (input_.holds_list[input_.reads[arcs_[begin].read].key]) {
        draw_list(begin, end);
      } else {
        draw_register(begin, end);
      }
      begin = end;
    }
  }

  /// All arcs of such a read lead to what it saw: they close no circle together that none closes alone.
  void draw_register(std::size_t begin, std::size_t end) {
    const Index newer = step_of(arcs_[begin].newer);
    std::vector<Node> older;
    for (std::size_t i = begin; i < end; ++i)
      older.push_back(number_[step_of(arcs_[i].older)]);
    if (graph_.reaches_any(number_[newer], older)) return accuse(begin, end);
    for (std::size_t i = begin; i < end; ++i)
      draw(i);
  }

  void draw_list(std::size_t begin, std::size_t end) {
    std::stable_sort(arcs_.begin() + static_cast<std::ptrdiff_t>(begin),
                     arcs_.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](const CausalArc& a, const CausalArc& b) { return place_in_list(a) < place_in_list(b); });
    for (std::size_t i = begin; i < end; ++i) {
      const Node older = number_[step_of(arcs_[i].older)];
      if (graph_.reaches_any(number_[step_of(arcs_[i].newer)], {older})) return accuse(i, i + 1);
      draw(i);
    }
  }

  Index place_in_list(const CausalArc& arc) const {
    const CausalInput::Shown& shown = input_.lists[input_.reads[arc.read].source];
    const auto begin = input_.elements.begin() + shown.begin;
    return static_cast<Index>(std::find(begin, input_.elements.begin() + shown.end, arc.older) - begin);
  }

  void draw(std::size_t i) {
    const Node older = number_[step_of(arcs_[i].older)];
    const Node newer = number_[step_of(arcs_[i].newer)];
    if (older != newer) graph_.add_arc(older, newer, {EdgeKind::causal_order, static_cast<Index>(i), no_operation});
  }

  void accuse(std::size_t begin, std::size_t end) {
    std::vector<Node> goals;
    for (std::size_t i = begin; i < end; ++i)
      goals.push_back(number_[step_of(arcs_[i].older)]);
    const Node from = number_[step_of(arcs_[begin].newer)];
    const auto way = graph_.cheapest_path(from, goals, steps_);
    CausalBreach breach{CausalBreach::Kind::circle, arcs_[begin], {}, {}, {}};
    for (const VersionGraph::Step& step : way) {
      CausalLink link{CausalLink::Kind::session_order, nodes_[step.older], nodes_[step.newer], 0, {}};
      if (step.in.kind == EdgeKind::reads_from) {
        link.kind = CausalLink::Kind::reads_from;
        link.read = step.in.newer_operation;
      } else if (step.in.kind == EdgeKind::causal_order) {
        link.kind = CausalLink::Kind::arc;
        link.arc = arcs_[step.in.older_operation];
      }
      breach.way.push_back(link);
    }
    const Index reached = way.back().newer;
    for (std::size_t i = begin; i < end; ++i) {
      if (number_[step_of(arcs_[i].older)] == reached) breach.arc = arcs_[i];
    }
    breaches_.push_back(std::move(breach));
  }

  const CausalInput& input_;
  const CausalOrder& order_;
  const CausalWrites& writes_;
  const std::vector<bool>& broken_;
  std::vector<CausalArc> arcs_;
  std::vector<Index> stretch_;  // by node: the part of the sequence that it is in
  std::vector<Index> region_;   // likewise; in the end the component that it is circular in
  bool any_circular_ = false;
  std::vector<bool> contested_;  // by write
  VersionGraph graph_;
  std::vector<Node> number_;  // by node
  std::vector<Index> nodes_;  // by number
  Index steps_ = 0;
  std::vector<CausalBreach> breaches_;
};

}  // namespace

std::vector<CausalBreach> find_circles(const CausalSubject& subject, const std::vector<CausalArc>& against) {
  return Circles(subject, against).run();
}

}  // namespace afterwrite
