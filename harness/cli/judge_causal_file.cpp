#include "harness/cli/judge_causal_file.hpp"

#include <algorithm>
#include <malloc.h>
#include <optional>
#include <utility>
#include <vector>

#include "checkers/causal/scan.hpp"
#include "harness/history/scan/selected_operations.hpp"
#include "results/run_meter.hpp"

namespace afterwrite {

namespace {

/// The pass: what causal consistency is judged by, the sum of the run, and where operations stand.
class CausalPassOverFile : public ScanConsumer {
 public:
  CausalPassOverFile(const JudgingEffort& effort, std::uint64_t blocks, std::uint64_t seed)
      : causal_(effort.threads, blocks, seed), index_(blocks), meters_(effort.threads, RunMeter(effort.over_time)) {}

  void glance(unsigned thread, const ScannedBlock& block) override {
    constexpr bool of_control = false;  // such sessions are not plain
    for (const ScannedOperation& operation : block.operations)
      meters_[thread].add(operation, of_control);
    causal_.glance(thread, block);
    index_.add(block);
  }

  void take(unsigned owner, const ScannedBlock& block, const OwnedOperations& operations) override {
    if (owner == 0) index_.place(block);
    causal_.take(owner, block, operations);
  }

  CausalScan& causal() { return causal_; }
  const KeyIndex& index() const { return index_; }

  RunSummary summary(std::uint64_t sessions, std::uint64_t keys) const {
    RunMeter all;
    for (const RunMeter& one : meters_)
      all.add(one);
    return all.summary(sessions, keys);
  }

 private:
  CausalScan causal_;
  KeyIndex index_;
  std::vector<RunMeter> meters_;
};

/// Reads the operations that are named, and gives them the numbers that they have among themselves.
void read_named(const FileBlocks& file, const KeyIndex& index, CausalAnswer& answer, History& history) {
  std::vector<std::uint64_t> places;
  for (CausalEvidence& breach : answer.breaches)
    breach.for_each_operation([&](CausalInput::Index& operation) { places.push_back(operation); });
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  read_selected(file, index, places, history);
  if (history.places != places) throw NotPlain{};  // the file is no longer what it was
  for (CausalEvidence& breach : answer.breaches) {
    breach.for_each_operation([&](CausalInput::Index& operation) {
      const auto place = std::lower_bound(places.begin(), places.end(), operation);
      operation = static_cast<CausalInput::Index>(place - places.begin());
    });
  }
}

/// What is to be said of keys with anomalies takes their operations.
SortedHistory sort_odd_keys(const FileBlocks& file, const KeyIndex& index, std::uint64_t seed,
                            const ScannedCausal& scanned, const SortingRules& rules) {
  SortedHistory sorted;
  if (!scanned.odd_keys.empty()) {
    History odd;
    read_selected(file, index, seed, scanned.odd_keys, odd);
    sorted = sort_by_key(odd, rules);
  }
  sorted.unexplained = scanned.unexplained;
  sorted.ambiguous_nulls = scanned.ambiguous_nulls;
  return sorted;
}

}  // namespace

bool asks_for_causal_alone(const Question& question) {
  const auto& sets = question.guarantees;
  const bool causal =
      std::all_of(sets.begin(), sets.end(), [](const Guarantees& set) { return set == only(Guarantee::causal); });
  return causal && !sets.empty() && !question.live && question.group_by.empty() &&
         question.scopes == std::vector{Scope::session};
}

void judge_causal_file(const FileBlocks& file, const Question& question, const JudgingEffort& effort, std::uint64_t seed,
                       JudgedFile& judged) {
  History& history = judged.history;
  const bool one_clock = has(assumptions_of(history, question), Assumption::one_clock);
  std::optional<CausalPassOverFile> pass(std::in_place, effort, file.count(), seed);
  FileFacts facts = scan_file(file, effort.threads, seed, *pass);
  history.truncated = facts.truncated;
  history.footer = std::move(facts.footer);
  history.notes = std::move(facts.notes);
  ScannedCausal scanned = pass->causal().finish(one_clock, facts.truncated);
  judged.summary = pass->summary(scanned.input.owners, scanned.keys);
  judged.summary.truncated = facts.truncated;
  const KeyIndex index = pass->index();
  pass.reset();
  malloc_trim(0);  // what other threads held would stay theirs

  FoundCausal found;
  found.any_operation = facts.operations > 0;
  found.answer = judge_causal(scanned.input, Exposure(history), one_clock);
  found.sorted = sort_odd_keys(file, index, seed, scanned, {one_clock, facts.truncated, scanned.any_delete});
  read_named(file, index, found.answer, history);
  judged.judgement = judge(history, question, found);
}

}  // namespace afterwrite
