#include "tests/checkers/causal_witness_check.hpp"

#include <algorithm>
#include <set>

#include "tests/checkers/key_model.hpp"
#include "tests/checkers/whole_steps.hpp"

namespace afterwrite::oracle {
namespace {

class CausalWitnessCheck {
 public:
  CausalWitnessCheck(const History& history, const Violation& violation, Scope scope, bool one_clock)
      : history_(history), violation_(violation), scope_(scope), one_clock_(one_clock) {}

  std::string faults() {
    std::set<std::size_t> cited{violation_.operation};
    for (const Edge& edge : violation_.cycle) {
      cited.insert(edge.operations.begin(), edge.operations.end());
      check(edge);
    }
    if (cited != std::set<std::size_t>(violation_.operations.begin(), violation_.operations.end())) {
      complain("what is listed is not what is cited");
    }
    if (!std::is_sorted(violation_.operations.begin(), violation_.operations.end())) {
      complain("the operations are not in order of the file");
    }
    if (violation_.cycle.empty()) {
      complain("no edges");
    } else {
      check_end();
    }
    return text_;
  }

 private:
  const Operation& at(std::size_t index) const { return history_.operations.at(index); }
  void complain(const std::string& what) { text_ += what + "\n"; }

  bool shows(std::size_t read, std::size_t write) const {
    const Operation& r = at(read);
    const Operation& w = at(write);
    if (r.is_write() || r.outcome != Outcome::ok || !w.is_write() || w.outcome == Outcome::fail || r.key != w.key) {
      return false;
    }
    if (!is_list(r.value)) {
      return !is_null(w.value) && r.value == w.value;
    }
    const List& list = std::get<List>(r.value);
    return std::find(list.begin(), list.end(), to_scalar(w.value)) != list.end();
  }

  /// Each edge but `initial` goes on from where the one before it ended, or begins a new part.
  void check(const Edge& edge) {
    if (edge.kind == EdgeKind::initial) {
      if (!is_null(edge.older) || !edge.operations.empty()) {
        complain("initial: of what?");
      }
      return;
    }
    if (edge.operations.size() != 2) {
      return complain("an edge without two operations");
    }
    const std::size_t a = edge.operations[0];
    const std::size_t b = edge.operations[1];
    bool good = edge.older == at(a).value;
    switch (edge.kind) {
      case EdgeKind::session_order:
        good = good && scope_name(at(a), scope_) == scope_name(at(b), scope_) && precedes(history_, a, b, one_clock_) &&
               at(a).outcome == Outcome::ok;
        break;
      case EdgeKind::one_transaction:
        good = good && same_transaction(history_, a, b);
        break;
      case EdgeKind::reads_from:
        good = good && shows(b, a);
        break;
      case EdgeKind::causal_order:
        good = good && at(a).is_write() && at(a).key == at(b).key && at(b).outcome == Outcome::ok && leads_to(a, b);
        break;
      default:
        good = false;
    }
    if (!good) {
      complain(std::string(to_string(edge.kind)) + " does not follow from " + std::to_string(a) + " and " +
               std::to_string(b));
    }
    ends_.emplace_back(a, b);
  }

  /// Some way over the edges so far leads from the write to the read; of a list in the wrong order none need.
  bool leads_to(std::size_t write, std::size_t read) const {
    if (is_list(at(read).value) && shows(read, write)) {
      return true;
    }
    std::set<std::size_t> reached{write};
    for (std::size_t round = 0; round <= ends_.size(); ++round) {
      for (const auto& [from, to] : ends_) {
        if (reached.count(from) != 0) {
          reached.insert(to);
        }
      }
    }
    return reached.count(read) != 0;
  }

  /// The last edge is that of the broken operation, and what it owes is what the violation says.
  void check_end() {
    const Edge& last = violation_.cycle.back();
    if (last.operations.empty() || last.operations.back() != violation_.operation) {
      complain("the last edge is not of the broken operation");
      return;
    }
    const Operation& broken = at(violation_.operation);
    if (last.kind == EdgeKind::causal_order && !is_list(broken.value) && is_null(broken.value) &&
        last.older != violation_.expected) {
      complain("expected is another");
    }
    if (violation_.observed != broken.value) {
      complain("observed is another");
    }
    if (violation_.scope_name != scope_name(broken, scope_) &&
        violation_.scope_name != (scope_ == Scope::process ? broken.process
                                  : scope_ == Scope::user  ? broken.user
                                                           : broken.session)) {
      complain("of somebody else");
    }
  }

  const History& history_;
  const Violation& violation_;
  Scope scope_;
  bool one_clock_;
  std::string text_;
  std::vector<std::pair<std::size_t, std::size_t>> ends_;
};

}  // namespace

std::string faults_of_causal_witness(const History& history, const Violation& violation, Scope scope, bool one_clock) {
  return CausalWitnessCheck(history, violation, scope, one_clock).faults();
}

}  // namespace afterwrite::oracle
