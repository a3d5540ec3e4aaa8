#include "tests/checkers/witness.hpp"

#include <algorithm>
#include <set>

#include "tests/checkers/key_model.hpp"
#include "tests/checkers/list_oracle.hpp"

namespace afterwrite::oracle {
namespace {

class EdgeCheck {
 public:
  EdgeCheck(const History& history, const Violation& violation, Scope scope, const Edge& edge)
      : history_(history), violation_(violation), scope_(scope), edge_(edge) {}

  bool follows() const {
    switch (edge_.kind) {
      case EdgeKind::initial:
        return is_null(edge_.older) && edge_.operations.empty();
      case EdgeKind::recorded_version:
        return some_pair([&](std::size_t a, std::size_t b) {
          return a != b && shows(a, edge_.older) && shows(b, edge_.newer) && at(a).version && at(b).version &&
                 *at(a).version < *at(b).version;
        });
      case EdgeKind::writer_order:
        return has(violation_.assumptions, Assumption::writer_order) && written_in_order(true);
      case EdgeKind::realtime_writes:
        return has(violation_.assumptions, Assumption::realtime_writes) &&
               has(violation_.assumptions, Assumption::one_clock) && written_in_order(false);
      case EdgeKind::read_your_writes:
        return guaranteed(Guarantee::read_your_writes, true, false);
      case EdgeKind::monotonic_reads:
        return guaranteed(Guarantee::monotonic_reads, false, false);
      case EdgeKind::monotonic_writes:
        return guaranteed(Guarantee::monotonic_writes, true, true);
      case EdgeKind::writes_follow_reads:
        return guaranteed(Guarantee::writes_follow_reads, false, true);
      case EdgeKind::list_contents:
      case EdgeKind::session_order:
      case EdgeKind::reads_from:
      case EdgeKind::one_transaction:
      case EdgeKind::causal_order:
        return false;
    }
    return false;
  }

 private:
  const Operation& at(std::size_t index) const { return history_.operations.at(index); }

  bool one_clock() const { return has(violation_.assumptions, Assumption::one_clock); }

  template <typename Test>
  bool some_pair(const Test& test) const {
    return std::any_of(edge_.operations.begin(), edge_.operations.end(), [&](std::size_t a) {
      return std::any_of(edge_.operations.begin(), edge_.operations.end(), [&](std::size_t b) { return test(a, b); });
    });
  }

  bool wrote(std::size_t index, const Value& value) const {
    return at(index).is_write() && at(index).outcome != Outcome::fail && at(index).value == value;
  }

  bool returned(std::size_t index, const Value& value) const {
    return !at(index).is_write() && at(index).outcome == Outcome::ok && at(index).value == value;
  }

  bool shows(std::size_t index, const Value& value) const { return wrote(index, value) || returned(index, value); }

  bool written_in_order(bool by_one_session) const {
    return some_pair([&](std::size_t w, std::size_t later) {
      if (!wrote(w, edge_.older) || !wrote(later, edge_.newer) || w == later ||
          (by_one_session && at(w).session != at(later).session)) {
        return false;
      }
      return std::any_of(edge_.operations.begin(), edge_.operations.end(), [&](std::size_t seen) {
        const bool in_effect =
            (seen == w && at(w).outcome == Outcome::ok) ||
            (returned(seen, edge_.older) && !is_null(edge_.older) &&
             (!by_one_session || at(seen).session == at(w).session));
        return in_effect && precedes(history_, seen, later, !by_one_session);
      });
    });
  }

  bool guaranteed(Guarantee guarantee, bool first_is_write, bool second_is_write) const {
    return has(violation_.guarantees, guarantee) && edge_.operations.size() == 2 &&
           some_pair([&](std::size_t a, std::size_t b) {
             return (first_is_write ? wrote(a, edge_.older) && at(a).outcome == Outcome::ok
                                    : returned(a, edge_.older)) &&
                    (second_is_write ? wrote(b, edge_.newer) : returned(b, edge_.newer)) &&
                    scope_name(at(b), scope_) == scope_name(at(a), scope_) && precedes(history_, a, b, one_clock());
           });
  }

  const History& history_;
  const Violation& violation_;
  Scope scope_;
  const Edge& edge_;
};

/// Numbers of edges from each version to each other; `far` where there is no way.
class Distances {
 public:
  explicit Distances(std::size_t versions) : versions_(versions), steps_(versions * versions, far) {}

  void add(std::size_t older, std::size_t newer) { steps_[older * versions_ + newer] = 1; }

  void close() {
    for (std::size_t via = 0; via < versions_; ++via) {
      for (std::size_t a = 0; a < versions_; ++a) {
        for (std::size_t b = 0; b < versions_; ++b) {
          steps_[a * versions_ + b] = std::min(steps_[a * versions_ + b], between(a, via) + between(via, b));
        }
      }
    }
  }

  std::size_t between(std::size_t a, std::size_t b) const { return steps_[a * versions_ + b]; }

  static constexpr std::size_t far = 1000;

 private:
  std::size_t versions_;
  std::vector<std::size_t> steps_;
};

std::string place(std::size_t index) {
  return "edge " + std::to_string(index) + ": ";
}

}  // namespace

std::string faults_of_witness(const History& history, const Violation& violation, Scope scope) {
  std::string faults;
  std::set<std::size_t> cited{violation.operation};
  const std::vector<Edge>& cycle = violation.cycle;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    if (cycle[i].newer != cycle[(i + 1) % cycle.size()].older) {
      faults += place(i) + "does not lead to the next\n";
    }
    if (!EdgeCheck(history, violation, scope, cycle[i]).follows()) {
      faults += place(i) + std::string(to_string(cycle[i].kind)) + " does not follow from what it cites\n";
    }
    for (const std::size_t operation : cycle[i].operations) {
      cited.insert(operation);
      if (history.operations.at(operation).key != violation.key) {
        faults += place(i) + "cites another key\n";
      }
    }
  }
  const Operation& broken = history.operations.at(violation.operation);
  const std::string& plain = scope == Scope::process                        ? broken.process
                             : scope == Scope::user && !broken.user.empty() ? broken.user
                                                                            : broken.session;
  if (violation.scope_name != plain && violation.scope_name != scope_name(broken, scope)) {
    faults += "the operation is not of " + violation.scope_name + "\n";
  }
  if (cycle.empty()) {
    faults += "no cycle\n";
  }
  const std::set<std::size_t> listed(violation.operations.begin(), violation.operations.end());
  if (!std::includes(listed.begin(), listed.end(), cited.begin(), cited.end())) {
    faults += "an operation that is cited is not listed\n";
  }
  if (listed.size() != violation.operations.size() ||
      !std::is_sorted(violation.operations.begin(), violation.operations.end())) {
    faults += "the operations are not in order of the file\n";
  }
  return faults;
}

std::string faults_of_list_witness(const History& history, const Violation& violation, const Setting& setting) {
  const std::set<std::size_t> listed(violation.operations.begin(), violation.operations.end());
  if (violation.cycle.size() != 1 || violation.cycle.front().kind != EdgeKind::list_contents) {
    return "the evidence is not one edge\n";
  }
  for (const std::size_t cited : violation.cycle.front().operations) {
    if (listed.count(cited) == 0) {
      return "an operation that is cited is not listed\n";
    }
  }
  if (listed.size() < 2 || listed.size() > 4 || listed.count(violation.operation) == 0 ||
      !std::is_sorted(violation.operations.begin(), violation.operations.end())) {
    return "the witness is not two to four operations in order of the file\n";
  }
  // What it lists shows by itself that the operation is broken, whoever else appended.
  Setting alone = setting;
  alone.guarantees = violation.guarantees;
  const ListAnswer answer = judge_lists(excerpt(history, violation.operations), alone);
  const auto place = std::distance(listed.begin(), listed.find(violation.operation));
  return answer.broken.count(static_cast<std::size_t>(place)) == 0 ? "the witness alone does not show it\n" : "";
}

std::size_t shortest_cycle(const History& history, const Setting& setting, std::size_t operation,
                           const Assumptions& assumptions) {
  const Operations broken = judge_registers(history, setting).broken;
  Setting narrow = setting;
  narrow.assume = assumptions;
  std::size_t shortest = Distances::far;
  for (const KeyModel& model :
       model_registers(history, has(setting.assume, Assumption::one_clock), history.truncated)) {
    Distances distances(model.versions);
    const auto add_all = [&](const std::vector<Pair>& pairs) {
      for (const auto& [older, newer] : pairs) {
        distances.add(older, newer);
      }
    };
    add_all(model.facts);
    add_all(has(assumptions, Assumption::writer_order) ? model.writer_order : std::vector<Pair>{});
    add_all(has(assumptions, Assumption::realtime_writes) ? model.realtime_writes : std::vector<Pair>{});
    for (std::size_t i = 0; i < model.actions.size() && model.actions[i].operation <= operation; ++i) {
      const Action& action = model.actions[i];
      const std::vector<std::size_t> older = owed(history, model, i, narrow);
      if (action.operation < operation && action.certain() && (broken & bit(action.operation)) == 0) {
        for (const std::size_t version : older) {
          distances.add(version, action.versions.front());
        }
      } else if (action.operation == operation) {
        distances.close();
        for (const std::size_t version : older) {
          shortest = std::min(shortest, 1 + distances.between(action.versions.front(), version));
        }
      }
    }
  }
  return shortest >= Distances::far ? 0 : shortest;
}

History excerpt(const History& history, const std::vector<std::size_t>& operations) {
  History part = history;
  part.operations.clear();
  for (const std::size_t operation : operations) {
    part.operations.push_back(history.operations.at(operation));
  }
  return part;
}

}  // namespace afterwrite::oracle
