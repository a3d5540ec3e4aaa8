#include "checkers/witness.hpp"

#include <algorithm>
#include <tuple>

namespace afterwrite {

namespace {

void add(Assumptions& set, Assumption assumption) { set.set(static_cast<std::size_t>(assumption)); }

bool is_guarantee(EdgeKind kind) { return kind >= EdgeKind::read_your_writes && kind != EdgeKind::list_contents; }

/// Lays out one breach as a cycle with the operations that show it.
class Layout {
 public:
  Layout(const RegisterSubject& subject, OperationIndex operation, const Breach& breach)
      : subject_(subject), operation_(operation), breach_(breach) {
    lay_edges();
    choose_recorded();
    choose_operations();
    find_assumptions();
  }

  std::vector<Edge> cycle;
  std::vector<std::size_t> operations;
  Assumptions assumptions;

  /// How much it takes to see it.
  std::tuple<std::size_t, std::size_t, std::size_t> weight() const {
    Guarantees used;
    for (const Edge& edge : cycle) {
      if (is_guarantee(edge.kind)) {
        used.set(static_cast<std::size_t>(edge.kind) - static_cast<std::size_t>(EdgeKind::read_your_writes));
      }
    }
    return {assumptions.count(), used.count(), cycle.size()};
  }

 private:
  const Value& value(VersionIndex id) const { return subject_.key.versions[id].value; }

  void lay_edges() {
    versions_.push_back(breach_.met);
    for (const auto& step : breach_.path) {
      versions_.push_back(step.newer);
      Edge edge{step.in.kind, value(step.older), value(step.newer), {}};
      if (is_guarantee(step.in.kind)) {
        edge.operations = {step.out.older_operation, step.in.newer_operation};
      } else {
        for (const OperationIndex index : subject_.order.evidence(step.in.kind, step.older, step.newer)) {
          edge.operations.push_back(index);
        }
      }
      cycle.push_back(std::move(edge));
    }
    cycle.push_back({edge_kind(breach_.guarantee), value(breach_.owed.version), value(breach_.met),
                     {breach_.owed.operation, operation_}});
  }

  /// The version that an operation wrote or saw; nothing for one that saw none for sure.
  std::optional<VersionIndex> seen_by(std::size_t index) const {
    const auto& all = subject_.key.operations;
    const auto place = std::lower_bound(all.begin(), all.end(), index);
    const auto at = static_cast<std::size_t>(place - all.begin());
    if (subject_.key.sights[at] != Sight::version) return std::nullopt;
    return subject_.key.seen[at];
  }

  /// A recorded version that an operation of the other edges bears, or the write of it, needs no other witness.
  void choose_recorded() {
    std::vector<std::size_t> named{operation_};
    for (const Edge& edge : cycle) {
      if (edge.kind == EdgeKind::recorded_version) continue;
      named.insert(named.end(), edge.operations.begin(), edge.operations.end());
    }
    for (const VersionIndex id : versions_) {
      const OperationIndex write = subject_.key.versions[id].write;
      if (write != no_operation) named.push_back(write);
    }
    const auto prefer_named = [&](VersionIndex shown, std::size_t& chosen) {
      for (const std::size_t index : named) {
        const Operation& op = subject_.history.operations[index];
        if (op.version != subject_.key.versions[shown].recorded || seen_by(index) != shown) continue;
        chosen = index;
        return;
      }
    };
    for (std::size_t i = 0; i < breach_.path.size(); ++i) {
      Edge& edge = cycle[i];
      if (edge.kind != EdgeKind::recorded_version) continue;
      prefer_named(breach_.path[i].older, edge.operations[0]);
      prefer_named(breach_.path[i].newer, edge.operations[1]);
    }
  }

  /// With the writes of what was read, without which the values would be nobody's.
  void choose_operations() {
    for (const Edge& edge : cycle) {
      operations.insert(operations.end(), edge.operations.begin(), edge.operations.end());
    }
    for (const VersionIndex id : versions_) {
      const OperationIndex write = subject_.key.versions[id].write;
      if (write != no_operation) operations.push_back(write);
    }
  }

  void find_assumptions() {
    const auto& all = subject_.history.operations;
    for (const Edge& edge : cycle) {
      if (edge.kind == EdgeKind::writer_order) add(assumptions, Assumption::writer_order);
      if (edge.kind == EdgeKind::realtime_writes) {
        add(assumptions, Assumption::realtime_writes);
        add(assumptions, Assumption::one_clock);
      }
      const bool across = is_guarantee(edge.kind) &&
                          all[edge.operations.front()].session != all[edge.operations.back()].session;
      if (across && subject_.scoping.scope == Scope::user) add(assumptions, Assumption::one_clock);
    }
  }

  const RegisterSubject& subject_;
  OperationIndex operation_;
  const Breach& breach_;
  std::vector<VersionIndex> versions_;
};

void measure_staleness(const RegisterSubject& subject, const Breach& breach, Violation& violation) {
  const Nanoseconds since = subject.order.there_since(breach.owed.version).value_or(breach.owed.complete);
  const Nanoseconds due = std::min(since, breach.owed.complete);
  const Nanoseconds late = subject.history.operations[violation.operation].invoke - due;
  violation.staleness_ms = static_cast<double>(std::max<Nanoseconds>(late, 0)) / 1e6;
  violation.versions_behind = subject.order.versions_between(breach.met, breach.owed.version);
}

}  // namespace

bool direct_path(const RegisterSubject& subject, Breach& breach) {
  const auto& events = breach.chain->events;
  constexpr std::size_t looked_at = 64;
  const std::size_t stop = breach.owed_events > looked_at ? breach.owed_events - looked_at : 0;
  std::optional<std::size_t> best_cost;
  for (std::size_t i = breach.owed_events; i > stop && best_cost != 0; --i) {
    const auto kind = subject.order.directly_older(breach.met, events[i - 1].version, breach.tier);
    if (!kind) continue;
    const std::size_t cost = *kind == EdgeKind::realtime_writes ? 2 : *kind == EdgeKind::writer_order ? 1 : 0;
    if (best_cost && cost >= *best_cost) continue;
    best_cost = cost;
    breach.owed = events[i - 1];
    breach.path = {{breach.met, breach.owed.version, {*kind}, {*kind}}};
  }
  return best_cost.has_value();
}

std::pair<std::size_t, std::size_t> weight(const Breach& breach) {
  std::size_t assumptions = 0;
  for (const auto& step : breach.path) {
    assumptions += step.in.kind == EdgeKind::writer_order || step.in.kind == EdgeKind::realtime_writes ? 1U : 0U;
  }
  return {assumptions, breach.path.size()};
}

void spare_writer_order(const RegisterSubject& subject, std::vector<Breach>& breaches) {
  const auto rests_on_everyone = [](const Breach& breach) {
    return std::any_of(breach.path.begin(), breach.path.end(), [](const VersionGraph::Step& step) {
      return step.in.kind == EdgeKind::realtime_writes;
    });
  };
  if (std::none_of(breaches.begin(), breaches.end(), rests_on_everyone)) return;
  for (Breach& breach : breaches) {
    for (VersionGraph::Step& step : breach.path) {
      if (step.in.kind != EdgeKind::writer_order) continue;
      if (subject.order.effect_before(step.older, step.newer, EdgeKind::realtime_writes) != no_operation) {
        step.in.kind = step.out.kind = EdgeKind::realtime_writes;
      }
    }
  }
}

Violation make_violation(const RegisterSubject& subject, Guarantees set, OperationIndex operation,
                         const std::vector<Breach>& breaches) {
  Violation violation;
  violation.guarantees = set;
  violation.scope_name = subject.scoping.names[subject.scoping.of[operation]];
  violation.key = subject.key.key;
  violation.operation = operation;
  violation.observed = subject.history.operations[operation].is_write()
                           ? subject.key.versions[breaches.front().met].value
                           : subject.history.operations[operation].value;
  std::optional<Layout> shown;
  const Breach* of_shown = nullptr;
  for (const Breach& breach : breaches) {
    Layout layout(subject, operation, breach);
    violation.assumptions |= layout.assumptions;
    violation.operations.insert(violation.operations.end(), layout.operations.begin(), layout.operations.end());
    if (shown && shown->weight() >= layout.weight()) continue;
    shown.emplace(std::move(layout));
    of_shown = &breach;
  }
  std::sort(violation.operations.begin(), violation.operations.end());
  violation.operations.erase(std::unique(violation.operations.begin(), violation.operations.end()),
                             violation.operations.end());
  violation.cycle = std::move(shown->cycle);
  violation.expected = subject.key.versions[of_shown->owed.version].value;
  measure_staleness(subject, *of_shown, violation);
  return violation;
}

}  // namespace afterwrite
