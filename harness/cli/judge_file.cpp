#include "harness/cli/judge_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <random>
#include <unordered_set>
#include <utility>
#include <vector>

#include "checkers/sieve/sieve.hpp"
#include "harness/cli/judge_causal_file.hpp"
#include "harness/history/byte_source.hpp"
#include "harness/history/reader.hpp"
#include "harness/history/scan/file_scan.hpp"
#include "harness/history/scan/selected_operations.hpp"
#include "results/run_meter.hpp"

namespace afterwrite {

namespace {

std::uint64_t draw_seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) | source();
}

/// One pass: a sieve for each owner, which takes the keys of one part of all.
class Sieving : public ScanConsumer {
 public:
  struct Part {
    std::uint64_t number = 0;
    std::uint64_t of = 1;
    bool takes(std::uint64_t key_hash) const { return of == 1 || (key_hash >> 40U) % of == number; }
  };

  Sieving(unsigned threads, const SieveRules& rules, Part part) : part_(part) {
    for (unsigned i = 0; i < threads; ++i)
      sieves_.push_back(std::make_unique<Sieve>(rules));
  }
  /// A second pass: by owner, what the first one saw.
  Sieving(const SieveRules& rules, Part part, std::vector<Exposed> exposed) : part_(part) {
    for (Exposed& one : exposed)
      sieves_.push_back(std::make_unique<Sieve>(rules, std::move(one)));
  }

  void take(unsigned owner, const ScannedBlock& /*block*/, const OwnedOperations& operations) override {
    if (part_.of == 1) return sieves_[owner]->take(operations);
    OwnedOperations own;
    for (const ScannedOperation* const operation : operations) {
      if (part_.takes(operation->key_hash)) own.push_back(operation);
    }
    sieves_[owner]->take(own);
  }

  const std::vector<std::unique_ptr<Sieve>>& sieves() const { return sieves_; }

  /// Whether cleared keys with stale reads are so many that another pass is cheaper than the exact judge.
  bool many_stale() const {
    std::size_t keys = 0;
    for (const auto& sieve : sieves_)
      keys += sieve->keys().size();
    return stale_keys() * few_in > keys;
  }
  void suspect_stale() {
    for (const auto& sieve : sieves_)
      sieve->suspect_stale();
  }

  /// What a second pass needs to know of this one, whose tables go.
  std::vector<Exposed> expose(const std::shared_ptr<const LagTimeline>& timeline) {
    std::vector<Exposed> exposed;
    for (const auto& sieve : sieves_)
      exposed.push_back({timeline, sieve->stale_reads()});
    sieves_.clear();
    return exposed;
  }

 private:
  /// An operation costs the exact judge some ten times what it costs a pass, which takes all of them.
  static constexpr std::size_t few_in = 16;

  std::size_t stale_keys() const {
    std::size_t count = 0;
    for (const auto& sieve : sieves_)
      count += sieve->stale_keys();
    return count;
  }

  Part part_;
  std::vector<std::unique_ptr<Sieve>> sieves_;
};

/// The first pass: it also sums up the run, and notes where keys stand.
class FirstSieving : public Sieving {
 public:
  FirstSieving(const JudgingEffort& effort, const SieveRules& rules, Part part, KeyIndex& index)
      : Sieving(effort.threads, rules, part),
        index_(index),
        meters_(effort.threads, RunMeter(effort.over_time)),
        deletes_(effort.threads),
        refused_(effort.threads) {}

  void glance(unsigned thread, const ScannedBlock& block) override {
    constexpr bool of_control = false;  // such sessions are not plain
    for (const ScannedOperation& operation : block.operations) {
      meters_[thread].add(operation, of_control);
      if (operation.function == Function::remove) deletes_[thread] = 1;
      if (operation.outcome == Outcome::ok || operation.node.empty()) continue;
      refused_[thread].push_back({std::string(operation.node), operation.invoke, operation.complete});
    }
    index_.add(block);
  }

  void take(unsigned owner, const ScannedBlock& block, const OwnedOperations& operations) override {
    if (owner == 0) index_.place(block);
    Sieving::take(owner, block, operations);
  }

  bool any_delete() const { return std::find(deletes_.begin(), deletes_.end(), 1) != deletes_.end(); }

  std::vector<Cleared::Refused> refused() const {
    std::vector<Cleared::Refused> all;
    for (const auto& one : refused_)
      all.insert(all.end(), one.begin(), one.end());
    return all;
  }

  RunMeter meter() const {
    RunMeter all;
    for (const RunMeter& one : meters_)
      all.add(one);
    return all;
  }

 private:
  KeyIndex& index_;
  std::vector<RunMeter> meters_;
  std::vector<char> deletes_;  // by thread, whether it saw one
  std::vector<std::vector<Cleared::Refused>> refused_;
};

/// In how many parts the keys are to be taken. Where nothing is known yet, what most histories need.
std::uint64_t parts_for(const FileBlocks& file, std::uint64_t max_memory) {
  constexpr double bytes_an_operation = 64;
  constexpr std::uint64_t most = 256;
  std::vector<char> buffer;
  const std::string_view text = file.count() == 0 ? std::string_view{} : file.read_block(0, buffer).lines;
  const auto lines = static_cast<double>(std::count(text.begin(), text.end(), '\n') + 1);
  const double operations = static_cast<double>(file.size()) * lines / static_cast<double>(text.size() + 1);
  const double parts = operations * bytes_an_operation / static_cast<double>(std::max<std::uint64_t>(max_memory, 1));
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::min(parts, 1e6)) + 1, 1, most);
}

/// What all passes found.
struct Sieved {
  FileFacts facts;
  Cleared cleared;
  std::vector<std::string> suspects;
  RunSummary summary;
};

/// Passes over a file, one part of its keys after the other.
class FileSieve {
 public:
  FileSieve(const FileBlocks& file, const SieveRules& rules, const JudgingEffort& effort)
      : file_(file), rules_(rules), effort_(effort) {}

  Sieved run(KeyIndex& index) {
    const std::uint64_t parts = parts_for(file_, effort_.max_memory);
    RunMeter meter;
    {
      FirstSieving first(effort_, rules_, {0, parts}, index);
      all_.facts = scan_file(file_, effort_.threads, rules_.seed, first);
      if (failed_over()) throw NotPlain{"a node was promoted in it"};
      any_delete_ = first.any_delete();
      all_.cleared.refused = first.refused();
      meter = first.meter();
      timeline_ = std::make_shared<LagTimeline>(all_.facts.lags);
      finish(first, {0, parts});
    }
    for (std::uint64_t part = 1; part < parts; ++part) {
      Sieving next(effort_.threads, rules_, {part, parts});
      scan_file(file_, effort_.threads, rules_.seed, next);
      finish(next, {part, parts});
    }
    all_.cleared.any_operation = all_.facts.operations > 0;
    all_.cleared.any_delete = any_delete_;
    all_.cleared.last_complete = all_.facts.last_complete;
    all_.summary = meter.summary(sessions_.size(), keys_);
    all_.summary.lag = summarise_lag(all_.facts.lags);
    all_.summary.truncated = all_.facts.truncated;
    return std::move(all_);
  }

 private:
  /// What a promoted node lost is for the exact judge to count.
  bool failed_over() const {
    return std::any_of(all_.facts.faults.begin(), all_.facts.faults.end(),
                       [](const FaultEvent& event) { return event.fault == "failover"; });
  }

  void finish(Sieving& pass, Sieving::Part part) {
    end(pass);
    if (!timeline_->any_behind() && !pass.many_stale()) {
      pass.suspect_stale();
      return collect(pass);
    }
    Sieving second(rules_, part, pass.expose(timeline_));
    scan_file(file_, effort_.threads, rules_.seed, second);
    end(second);
    collect(second);
  }

  void end(const Sieving& pass) const {
    for (const auto& sieve : pass.sieves())
      sieve->finish(all_.facts.truncated, any_delete_);
  }

  void collect(const Sieving& pass) {
    for (const auto& sieve : pass.sieves()) {
      all_.cleared += sieve->cleared();
      for (std::string& name : sieve->suspects())
        all_.suspects.push_back(std::move(name));
      keys_ += sieve->keys().size();
      for (std::uint32_t i = 0; i < sieve->sessions().size(); ++i)
        sessions_.emplace(sieve->sessions().name(i));
    }
  }

  const FileBlocks& file_;
  const SieveRules& rules_;
  const JudgingEffort& effort_;
  Sieved all_;
  std::shared_ptr<const LagTimeline> timeline_;
  std::unordered_set<std::string> sessions_;
  std::uint64_t keys_ = 0;
  bool any_delete_ = false;
};

/// Throws NotPlain for a question that is not one by session and by key.
void require_for_sieve(const Question& question) {
  const auto& sets = question.guarantees;
  if (std::any_of(sets.begin(), sets.end(), [](const Guarantees& set) { return has(set, Guarantee::causal); })) {
    throw NotPlain{"causal is asked for with other guarantees, scopes or groups"};
  }
  if (!question.group_by.empty()) throw NotPlain{"it is judged by group"};
  if (question.scopes != std::vector{Scope::session}) throw NotPlain{"another scope than session is asked for"};
  if (question.live) throw NotPlain{};
}

/// Throws NotPlain if the file, or the question, is not for one pass.
JudgedFile judge_in_one_pass(const std::filesystem::path& path, const Asking& asked, const JudgingEffort& effort) {
  const FileBlocks file(path, effort.block_bytes);
  JudgedFile judged;
  judged.whole = false;
  History& history = judged.history;
  history.name = path.string();
  history.is_stream = is_read_once(path);
  history.header = scan_header(file);
  const Question question = asked(history, false);
  if (asks_for_causal_alone(question)) {
    effort.unbounded("causal is judged from a note of each operation, so memory grows with their number");
    judge_causal_file(file, question, effort, draw_seed(), judged);
    return judged;
  }
  require_for_sieve(question);
  const SieveRules rules(assumptions_of(history, question), draw_seed());
  KeyIndex index(file.count());
  Sieved sieved = FileSieve(file, rules, effort).run(index);
  judged.summary = std::move(sieved.summary);
  history.truncated = sieved.facts.truncated;
  history.footer = std::move(sieved.facts.footer);
  history.notes = std::move(sieved.facts.notes);
  history.faults = std::move(sieved.facts.faults);
  history.lags = std::move(sieved.facts.lags);
  if (!sieved.suspects.empty()) read_selected(file, index, rules.seed, sieved.suspects, history);
  judged.judgement = judge(history, question, sieved.cleared);
  return judged;
}

/// Why no pass is tried, whatever the file holds; empty if one is.
std::string_view why_whole(const std::filesystem::path& file, const ReadOptions& reading, const JudgingEffort& effort) {
  if (effort.exact) return "--exact and --witness take the history as a whole";
  if (is_standard_input(file)) return "it comes through standard input";
  const bool own = reading.format.value_or(HistoryFormat::jsonl) == HistoryFormat::jsonl;
  return own && !reading.initial && reading.version_field.empty() ? "" : "it is read as in the format of another program";
}

}  // namespace

JudgedFile judge_file(const std::filesystem::path& file, const ReadOptions& reading, const Asking& asked,
                      const JudgingEffort& effort) {
  std::string_view why = why_whole(file, reading, effort);
  if (why.empty()) {
    try {
      return judge_in_one_pass(file, asked, effort);
    } catch (const NotPlain& not_plain) {
      why = not_plain.why;
    }
  }
  if (!why.empty()) effort.unbounded(fmt::format("{}, so it is held whole", why));
  JudgedFile judged;
  judged.history = read_history(file, reading);
  judged.judgement = judge(judged.history, asked(judged.history, true));
  judged.summary = summarise(judged.history);
  return judged;
}

}  // namespace afterwrite
