#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>

#include "tests/checkers/agreement.hpp"
#include "tests/checkers/list_oracle.hpp"
#include "tests/checkers/settings.hpp"
#include "tests/checkers/witness.hpp"
#include "tests/checkers/whole_steps.hpp"

namespace afterwrite::oracle {
namespace {

/// A joint row has no entries of its own: containment of each guarantee is judged alone.
std::string row_disagreements(const History& history, const Setting& setting, const ListAnswer& answer, const Row& row,
                              Evidence evidence) {
  std::multiset<std::size_t> named;
  std::string faults;
  for (const Violation& entry : row.entries) {
    named.insert(entry.operation);
    for (const Repeat& repeat : entry.repeats) {
      named.insert(repeat.operation);
    }
    if (evidence == Evidence::checked) {
      faults += faults_of_list_witness(history, entry, setting);
    }
  }
  const bool joint = setting.guarantees.count() > 1;
  const bool same =
      joint ? named.empty() : std::equal(named.begin(), named.end(), answer.broken.begin(), answer.broken.end());
  if (same && faults.empty() && (row.verdict == Verdict::violated) == !answer.broken.empty() &&
      row.broken == answer.broken.size() && row.decided == answer.decided.size() &&
      row.at_risk == answer.at_risk.size()) {
    return "";
  }
  std::ostringstream text;
  text << short_name(setting.guarantees) << " per " << short_name(setting.scope)
       << " of lists: " << to_string(row.verdict) << " with " << named.size()
       << " violations, the oracle: " << answer.broken.size() << "; " << row.at_risk << " of " << row.decided
       << " at risk, the oracle: " << answer.at_risk.size() << " of " << answer.decided.size() << "\n"
       << faults;
  return text.str();
}

/// What breaks one guarantee breaks each set that it is in.
ListAnswer together(const std::array<ListAnswer, guarantee_count>& alone, const Guarantees& set) {
  ListAnswer all;
  for (std::size_t i = 0; i < guarantee_count; ++i) {
    if (set.test(i)) {
      all.broken.insert(alone.at(i).broken.begin(), alone.at(i).broken.end());
      all.decided.insert(alone.at(i).decided.begin(), alone.at(i).decided.end());
      all.at_risk.insert(alone.at(i).at_risk.begin(), alone.at(i).at_risk.end());
    }
  }
  return all;
}

/// What is not violated is held exactly if nothing speaks against that (no minimum of at-risk operations was asked
/// for).
std::string doubts_disagree(const History& history, const Judgement& judgement, const Assumptions& assume) {
  const bool shrink = lists_may_shrink(history);
  std::string text;
  for (const Row& row : judgement.rows) {
    const bool clocks_apart = row.scope == Scope::user && !has(assume, Assumption::one_clock);
    const bool in_doubt = row.decided == 0 || shrink || clocks_apart || !judgement.anomalies.empty();
    if (row.verdict != Verdict::violated && (row.verdict == Verdict::unknown) != in_doubt) {
      text += short_name(row.guarantees) + " is " + std::string(to_string(row.verdict)) + ": " + row.reason + "\n";
    }
  }
  return text;
}

}  // namespace

std::string list_disagreements(const History& recorded, const Assumptions& assume, Evidence evidence, Tally* tally) {
  Judgement judgement = judge(recorded, ask_everything(assume));
  const WholeSteps whole = whole_steps(recorded);
  const History& history = whole.history;
  whole.lead(judgement);
  std::string text;
  for (const Scope scope : {Scope::session, Scope::user, Scope::process}) {
    std::array<ListAnswer, guarantee_count> alone;
    for (std::size_t i = 0; i < guarantee_count; ++i) {
      alone.at(i) = judge_lists(history, {only(static_cast<Guarantee>(i)), scope, assume});
    }
    for (const Guarantees& guarantees : every_row()) {
      const Row* row = find_row(judgement, guarantees, scope);
      if (row == nullptr) {
        return "a row is missing\n";
      }
      if (tally != nullptr) {
        tally->count(*row);
      }
      text += row_disagreements(history, {guarantees, scope, assume}, together(alone, guarantees), *row, evidence);
    }
  }
  if (tally != nullptr) {
    ++tally->histories;
  }
  text += doubts_disagree(history, judgement, assume);
  std::map<std::string, std::size_t> anomalies{judgement.anomalies.begin(), judgement.anomalies.end()};
  if ((anomalies.erase("incompatible-order") != 0) != lists_contradict(history, assume)) {
    text += "incompatible-order differs\n";
  }
  if (anomalies != list_anomalies(history, assume)) {
    text += "the anomalies differ\n";
  }
  return text;
}

}  // namespace afterwrite::oracle
