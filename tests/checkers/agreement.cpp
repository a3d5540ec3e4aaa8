#include "tests/checkers/agreement.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "tests/checkers/settings.hpp"
#include "tests/checkers/witness.hpp"
#include "tests/checkers/whole_steps.hpp"

namespace afterwrite::oracle {
namespace {

Tier tier_of(const Assumptions& assumptions) {
  return has(assumptions, Assumption::realtime_writes) ? Tier::realtime_writes
         : has(assumptions, Assumption::writer_order)  ? Tier::writer_order
                                                       : Tier::facts;
}

/// Entries are merged if these are the same, and all of their assumptions: scope, key, what was observed, and the tier.
/// And whether it was read or written.
using Group = std::tuple<std::string, std::string, Value, bool, Tier>;

/// What counts as one: a value that may be of a write in flight is none.
std::map<std::string, std::size_t> anomalies_of(const KeyModel& model) {
  std::map<std::string, std::size_t> found = model.anomalies;
  found.erase("unexplained");
  return found;
}

/// What is the same for all rows of one history.
struct Common {
  Common(const History& all, const Assumptions& assumed) : history(all), assume(assumed), oracle(all, assumed) {
    for (const KeyOracle& key : oracle.keys()) {
      anomalies = anomalies || !anomalies_of(key.model()).empty();
      ordered_by_facts = ordered_by_facts && key.ordered_by_facts();
    }
    ambiguous_nulls = oracle.ambiguous_nulls();
    dropped = oracle.dropped().size();
  }

  const History& history;
  Assumptions assume;
  Oracle oracle;
  bool anomalies = false;
  bool ordered_by_facts = true;
  bool ambiguous_nulls = false;
  std::size_t dropped = 0;
};

std::size_t count(Operations operations) {
  return static_cast<std::size_t>(std::popcount(operations));
}

class RowComparison {
 public:
  RowComparison(const Common& common, const Guarantees& guarantees, const Row& row)
      : common_(common),
        history_(common.history),
        setting_{guarantees, row.scope, common.assume},
        row_(row),
        answer_(common.oracle.judge(guarantees, row.scope)) {}

  std::string disagreements(Evidence evidence) {
    if ((row_.verdict == Verdict::violated) != answer_.violated()) {
      complain() << "verdict " << to_string(row_.verdict)
                 << ", the oracle: " << (answer_.violated() ? "violated" : "not violated") << "\n";
    }
    if (!row_.entries.empty() || !answer_.own.empty()) {
      compare_entries();
    }
    if (evidence == Evidence::checked) {
      for (const Violation& entry : row_.entries) {
        check_entry(entry);
      }
      check_oracle();
    }
    if (row_.broken != count(answer_.broken)) {
      complain() << row_.broken << " broken, the oracle: " << count(answer_.broken) << "\n";
    }
    if (row_.violations != answer_.own.size()) {
      complain() << row_.violations << " violations, the oracle: " << answer_.own.size() << "\n";
    }
    compare_exposure();
    compare_doubts();
    return text_.str();
  }

 private:
  /// The oracle's two ways to a verdict.
  void check_oracle() {
    const bool unsatisfiable = common_.oracle.unsatisfiable(setting_.guarantees, setting_.scope).has_value();
    if (answer_.violated() ? !unsatisfiable : unsatisfiable && !common_.ambiguous_nulls) {
      complain() << "the oracle contradicts itself\n";
    }
  }

  /// What is not violated is held exactly if nothing speaks against that (no minimum of at-risk reads was asked for).
  void compare_doubts() {
    const bool clocks_apart = setting_.scope == Scope::user && !has(setting_.assume, Assumption::one_clock);
    const bool in_doubt = row_.decided == 0 || common_.dropped != 0 || common_.anomalies || clocks_apart;
    if (row_.verdict != Verdict::violated && (row_.verdict == Verdict::unknown) != in_doubt) {
      complain() << to_string(row_.verdict) << " (" << row_.reason << "), the oracle: " << count(answer_.decided)
                 << " decided, " << common_.dropped << " assumptions dropped"
                 << (common_.anomalies ? ", anomalies" : "") << (clocks_apart ? ", clocks apart" : "") << "\n";
    }
  }

  /// The checkers count a relation as known by one direct reason only, never by a path of several. So they may count
  /// fewer operations, but not where recorded versions order everything.
  void compare_exposure() {
    const std::size_t decided = count(answer_.decided);
    const std::size_t exposed = count(answer_.at_risk);
    if (row_.decided > decided || row_.at_risk > exposed ||
        (common_.ordered_by_facts && (row_.decided != decided || row_.at_risk != exposed))) {
      complain() << row_.at_risk << " of " << row_.decided << " at risk, the oracle: " << exposed << " of " << decided
                 << "\n";
    }
  }

  std::ostream& complain() {
    return text_ << short_name(setting_.guarantees) << " per " << short_name(setting_.scope) << " assuming "
                 << short_name(setting_.assume) << ": ";
  }

  Group group_of(std::size_t operation, Tier tier) const {
    const Operation& broken = history_.operations.at(operation);
    return {scope_name(broken, setting_.scope), broken.key, broken.value, broken.is_write(), tier};
  }

  void compare_entries() {
    std::map<Group, std::vector<std::size_t>> expected;
    for (const Flag& flag : answer_.own) {
      expected[group_of(flag.operation, flag.tier)].push_back(flag.operation);
    }
    std::map<Group, std::vector<const Violation*>> found;
    for (const Violation& entry : row_.entries) {
      found[group_of(entry.operation, tier_of(entry.assumptions))].push_back(&entry);
    }
    for (const auto& [group, entries] : found) {
      const auto of_oracle = expected.find(group);
      if (of_oracle == expected.end() || !covers(entries, of_oracle->second)) {
        complain() << "accused " << entries.size() << " times, first operation " << entries.front()->operation << " on "
                   << to_string(std::get<Tier>(group)) << "; the oracle: ";
        describe_expected();
      } else {
        expected.erase(of_oracle);
      }
    }
    if (!expected.empty()) {
      complain() << "not accused: ";
      for (const auto& [group, operations] : expected) {
        text_ << operations.front() << " on " << to_string(std::get<Tier>(group)) << ", " << operations.size()
              << " times; ";
      }
      text_ << "\n";
    }
  }

  /// Together the entries stand for these operations, the first one named, and no two could have been one.
  static bool covers(const std::vector<const Violation*>& entries, const std::vector<std::size_t>& operations) {
    std::uint64_t count = 0;
    std::size_t first = operations.back();
    std::set<unsigned long> assumed;
    for (const Violation* entry : entries) {
      count += entry->count;
      first = std::min(first, entry->operation);
      assumed.insert(entry->assumptions.to_ulong());
      if (std::find(operations.begin(), operations.end(), entry->operation) == operations.end()) {
        return false;
      }
    }
    return count == operations.size() && first == operations.front() && assumed.size() == entries.size();
  }

  void describe_expected() {
    for (const Flag& flag : answer_.own) {
      text_ << flag.operation << " on " << to_string(flag.tier) << "; ";
    }
    text_ << "\n";
  }

  void check_entry(const Violation& entry) {
    const std::string faults = faults_of_witness(history_, entry, setting_.scope);
    if (!faults.empty()) {
      complain() << "witness of operation " << entry.operation << ": " << faults;
      describe_cycle(entry);
    }
    std::set<Guarantee> used;
    for (const Edge& edge : entry.cycle) {
      if (edge.kind >= EdgeKind::read_your_writes && edge.kind <= EdgeKind::writes_follow_reads) {
        used.insert(static_cast<Guarantee>(static_cast<int>(edge.kind) - static_cast<int>(EdgeKind::read_your_writes)));
      }
    }
    if (setting_.guarantees.count() > 1 && used.size() < 2 && !speaks_of_several(entry)) {
      complain() << "an own entry of a joint row needs one guarantee alone, at operation " << entry.operation << "\n";
    }
    check_excerpt(entry);
  }

  void describe_cycle(const Violation& entry) {
    for (const Edge& edge : entry.cycle) {
      text_ << "  " << display(edge.older) << " -> " << display(edge.newer) << ": " << to_string(edge.kind) << " by";
      for (const std::size_t operation : edge.operations) {
        text_ << " " << operation;
      }
      text_ << "\n";
    }
  }

  /// The operations of the witness alone, judged again by the assumptions that the key did not contradict, show the
  /// violation. (With fewer, another one on the cycle may be the first to close it.) They show it at the same
  /// operation, unless they show another one that was left out as broken too: what broke that one may not be among
  /// them. Not so on a key with conflicting versions: an excerpt may leave the conflict out, and then knows more than
  /// the whole.
  void check_excerpt(const Violation& entry) {
    if (has_conflicting_versions(entry.key)) {
      return;
    }
    check_size(entry);
    const History part = excerpt(history_, entry.operations);
    Question question;
    question.guarantees = {entry.guarantees};
    question.scopes = {setting_.scope};
    question.assume = usable_on(entry.key);
    question.min_at_risk = 0;
    const Judgement again = judge(part, question);
    const Row* row = find_row(again, entry.guarantees, setting_.scope);
    const bool shows_others = std::any_of(entry.operations.begin(), entry.operations.end(), [&](std::size_t operation) {
      return operation != entry.operation && (answer_.broken & bit(operation)) != 0;
    });
    const auto same = [&](const Violation& other) {
      return shows_others || entry.operations.at(other.operation) == entry.operation;
    };
    if (row == nullptr || row->verdict != Verdict::violated ||
        !std::any_of(row->entries.begin(), row->entries.end(), same)) {
      complain() << "the witness of operation " << entry.operation << " alone does not show it; it has operations";
      for (const std::size_t operation : entry.operations) {
        text_ << " " << operation;
      }
      text_ << "\n";
    }
  }

  /// A short cycle is shown. What is owed is thinned to the newest, so it may take an edge more than the shortest,
  /// and in rows with guarantees of writes more than one.
  void check_size(const Violation& entry) {
    if (entry.operations.size() < 2) {
      complain() << "the witness of operation " << entry.operation << " is one operation\n";
    }
    if (speaks_of_several(entry)) {
      return;
    }
    const std::size_t edges = shortest_cycle(history_, setting_, entry.operation, entry.assumptions);
    // Two edges between two versions: at most two reads for each edge, and who wrote the versions.
    const bool too_many = entry.cycle.size() == 2 && entry.operations.size() > 6;
    const bool reads_only =
        !has(entry.guarantees, Guarantee::monotonic_writes) && !has(entry.guarantees, Guarantee::writes_follow_reads);
    if (entry.cycle.size() < edges || (reads_only && entry.cycle.size() > edges + 1) || too_many) {
      complain() << "the witness of operation " << entry.operation << " has " << entry.operations.size()
                 << " operations and " << entry.cycle.size() << " edges, enough are " << edges << "\n";
      describe_cycle(entry);
    }
  }

  /// A null may stand for several versions. Each of them needs a cycle, of which one is shown.
  bool speaks_of_several(const Violation& entry) const {
    return is_null(history_.operations.at(entry.operation).value);
  }

  Assumptions usable_on(const std::string& key) const {
    Assumptions usable = setting_.assume;
    for (const KeyOracle& one : common_.oracle.keys()) {
      for (const Assumption dropped : one.by_tier().dropped) {
        usable.set(static_cast<std::size_t>(dropped),
                   usable.test(static_cast<std::size_t>(dropped)) && one.model().key != key);
      }
    }
    return usable;
  }

  bool has_conflicting_versions(const std::string& key) const {
    const auto& keys = common_.oracle.keys();
    return std::any_of(keys.begin(), keys.end(), [&](const KeyOracle& one) {
      return one.model().key == key && one.model().anomalies.count("conflicting-version") != 0;
    });
  }

  const Common& common_;
  const History& history_;
  const Setting setting_;
  const Row& row_;
  Answer answer_;
  std::ostringstream text_;
};

std::string describe(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [name, number] : counts) {
    text += name + " " + std::to_string(number) + " ";
  }
  return text.empty() ? "none" : text;
}

}  // namespace

const Row* find_row(const Judgement& judgement, const Guarantees& guarantees, Scope scope) {
  const auto found = std::find_if(judgement.rows.begin(), judgement.rows.end(), [&](const Row& row) {
    return row.guarantees == guarantees && row.scope == scope && row.group.empty();
  });
  return found == judgement.rows.end() ? nullptr : &*found;
}

void Tally::count(const Row& row) {
  Verdicts& all = rows[short_name(row.guarantees) + " " + short_name(row.scope)];
  all.violated += row.verdict == Verdict::violated ? 1U : 0U;
  all.held += row.verdict == Verdict::held && row.at_risk > 0 ? 1U : 0U;
  all.own += row.entries.empty() ? 0U : 1U;
}

Question ask_everything(const Assumptions& assume) {
  Question question;
  question.guarantees = every_row();
  question.scopes = {Scope::session, Scope::user, Scope::process};
  question.assume = assume;
  question.min_at_risk = 0;
  return question;
}

std::string disagreements(const History& recorded, const Assumptions& assume, Evidence evidence, Tally* tally) {
  Judgement judgement = judge(recorded, ask_everything(assume));
  const WholeSteps whole = whole_steps(recorded);
  const History& history = whole.history;
  whole.lead(judgement);
  const Common common(history, assume);
  std::string text;
  for (const Scope scope : {Scope::session, Scope::user, Scope::process}) {
    for (const Guarantees& guarantees : every_row()) {
      const Row* row = find_row(judgement, guarantees, scope);
      if (row == nullptr) {
        text += "no row for " + short_name(guarantees) + " per " + short_name(scope) + "\n";
        continue;
      }
      if (tally != nullptr) {
        tally->count(*row);
      }
      text += RowComparison(common, guarantees, *row).disagreements(evidence);
    }
  }
  if (tally != nullptr) {
    ++tally->histories;
  }
  std::map<std::string, std::uint64_t> anomalies;
  for (const KeyOracle& key : common.oracle.keys()) {
    for (const auto& [name, number] : anomalies_of(key.model())) {
      anomalies[name] += number;
    }
  }
  if (anomalies != judgement.anomalies) {
    text += "the anomalies differ: " + describe(judgement.anomalies) + "; the oracle: " + describe(anomalies) + "\n";
  }
  if (!anomalies.empty() && judgement.verdict == Verdict::held) {
    text += "held in spite of an anomaly\n";
  }
  return text;
}

}  // namespace afterwrite::oracle
