#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "checkers/causal/scan.hpp"

namespace afterwrite {

/// Puts together what the threads gathered, and numbers it all as CausalSource does: sessions and keys in order of
/// their first operations, the writes of one key together.
class CausalScan::Finishing {
 public:
  Finishing(CausalScan& scan, bool one_clock, bool unfinished)
      : scan_(scan), one_clock_(one_clock), unfinished_(unfinished) {
    found_.any_delete =
        std::any_of(scan.scanners_.begin(), scan.scanners_.end(), [](const auto& scanner) { return scanner->removes; });
    deletes_in_flight_ = unfinished && found_.any_delete;
  }

  ScannedCausal run() {
    for (const auto& owner : scan_.owners_)
      owner->slots = {};  // nothing is looked up any more
    place_steps();
    number_keys();
    place_writes();
    place_reads();
    for (const auto& owner : scan_.owners_) {
      for (const Index key : owner->odd_keys)
        found_.odd_keys.emplace_back(owner->keys.name(key));
    }
    return std::move(found_);
  }

 private:
  void place_steps() {
    std::vector<std::tuple<std::uint64_t, std::size_t, Index>> firsts;  // where; scanner, number there
    for (std::size_t i = 0; i < scan_.scanners_.size(); ++i) {
      const std::vector<std::uint64_t>& first = scan_.scanners_[i]->first;
      for (Index session = 0; session < first.size(); ++session)
        firsts.emplace_back(first[session], i, session);
    }
    std::sort(firsts.begin(), firsts.end());
    std::unordered_map<std::string_view, Index> numbers;
    std::vector<std::vector<Index>> number(scan_.scanners_.size());  // by scanner and number there
    for (std::size_t i = 0; i < number.size(); ++i)
      number[i].resize(scan_.scanners_[i]->first.size());
    for (const auto& [where, scanner, session] : firsts) {
      const std::string_view name = scan_.scanners_[scanner]->sessions.name(session);
      number[scanner][session] = numbers.emplace(name, static_cast<Index>(numbers.size())).first->second;
    }
    input_.owners = static_cast<Index>(numbers.size());
    std::size_t all = 0;
    for (const auto& steps : scan_.steps_)
      all += steps.size();
    if (all >= none) throw NotPlain{};
    input_.steps.reserve(all);
    for (std::size_t block = 0; block < scan_.steps_.size(); ++block) {
      const std::vector<CausalInput::Step> steps = std::move(scan_.steps_[block]);
      for (CausalInput::Step step : steps) {
        step.owner = number[scan_.scanned_by_[block]][step.owner];
        input_.steps.push_back(step);
      }
    }
  }

  void number_keys() {
    std::vector<std::tuple<Index, std::size_t, Index>> firsts;  // operation; owner, number there
    for (std::size_t i = 0; i < scan_.owners_.size(); ++i) {
      const std::vector<Index>& first = scan_.owners_[i]->first;
      for (Index key = 0; key < first.size(); ++key)
        firsts.emplace_back(first[key], i, key);
      number_.emplace_back(first.size());
    }
    std::sort(firsts.begin(), firsts.end());
    Index next = 0;
    for (const auto& [operation, owner, key] : firsts)
      number_[owner][key] = next++;
    input_.holds_list.assign(next, false);
    found_.keys = next;
  }

  /// Which of two writes of one value a read saw cannot be told: they order nothing.
  static bool counts(const Owner& owner, const Sight& sight) {
    return sight.kind == Sight::Kind::removal ||
           (sight.kind == Sight::Kind::write && !owner.versions[sight.version].duplicate);
  }

  template <typename Take>
  void for_each_write(const Take& take) {
    for (std::size_t i = 0; i < scan_.owners_.size(); ++i) {
      Owner& owner = *scan_.owners_[i];
      for (const Sight& sight : owner.sights) {
        if (counts(owner, sight)) take(owner, sight, number_[i][sight.key]);
      }
    }
  }

  void place_writes() {
    input_.key_writes.assign(input_.keys() + 1, 0);
    input_.step_write_begin.assign(input_.steps.size() + 1, 0);
    for_each_write([&](const Owner&, const Sight& sight, Index key) {
      ++input_.key_writes[key + 1];
      ++input_.step_write_begin[sight.operation + 1];
    });
    for (Index key = 0; key < input_.keys(); ++key)
      input_.key_writes[key + 1] += input_.key_writes[key];
    for (std::size_t step = 0; step < input_.steps.size(); ++step)
      input_.step_write_begin[step + 1] += input_.step_write_begin[step];
    std::vector<Index> next(input_.key_writes.begin(), input_.key_writes.end() - 1);
    input_.writes.resize(input_.key_writes.back());
    input_.step_writes.resize(input_.writes.size());
    for_each_write([&](Owner& owner, const Sight& sight, Index key) {
      const Index write = next[key]++;
      const bool removal = sight.kind == Sight::Kind::removal;
      input_.writes[write] = {sight.operation, sight.operation, key, removal};
      input_.step_writes[input_.step_write_begin[sight.operation]] = write;
      if (!removal) owner.versions[sight.version].write = write;
      if (removal) add_removal(key, sight.operation);
    });
    for (auto& [whose, invokes] : removals_)
      std::sort(invokes.begin(), invokes.end());
  }

  void add_removal(Index key, Index operation) {
    const CausalInput::Step& step = input_.steps[operation];
    removals_[{key, one_clock_ ? 0 : step.owner}].emplace_back(step.invoke, operation);
    ++removals_of_[key];
  }

  /// How many deletes a read of nothing may have seen (seen_removals() in key_history.hpp).
  Index removals_seen(Index key, Index operation) const {
    const auto all = removals_of_.find(key);
    if (all == removals_of_.end()) return 0;
    const CausalInput::Step& step = input_.steps[operation];
    const auto own = removals_.find({key, one_clock_ ? 0 : step.owner});
    if (own == removals_.end()) return all->second;
    const auto& invokes = own->second;
    const auto begun = [&](const auto& removal) { return removal.first <= step.complete; };
    auto one = std::partition_point(invokes.begin(), invokes.end(), begun);
    auto seen = all->second - static_cast<Index>(invokes.end() - one);
    // Of its own session's, those that began in the moment in which it ended and stand after it.
    while (one != invokes.begin() && (--one)->first == step.complete && one->second > operation)
      seen -= input_.steps[one->second].owner == step.owner ? 1U : 0U;
    return seen;
  }

  /// Of the owners, each has the sights of its keys: together those of all operations.
  void place_reads() {
    std::vector<std::size_t> next(scan_.owners_.size(), 0);
    if (deletes_in_flight_) written_.resize(input_.keys());
    input_.reads.reserve(input_.steps.size() - input_.writes.size());
    input_.step_read_begin.reserve(input_.steps.size() + 1);
    std::size_t at = 0;
    for (Index operation = 0; operation < input_.steps.size(); ++operation) {
      input_.step_read_begin.push_back(static_cast<Index>(input_.reads.size()));
      const auto has_it = [&](std::size_t i) {
        const std::deque<Sight>& sights = scan_.owners_[i]->sights;
        return next[i] < sights.size() && sights[next[i]].operation == operation;
      };
      while (!has_it(at))
        at = at + 1 == next.size() ? 0 : at + 1;
      Owner& owner = *scan_.owners_[at];
      const Sight& sight = owner.sights[next[at]++];
      if (sight.kind == Sight::Kind::read) {
        if (sight.ok) place_read(owner, sight, number_[at][sight.key]);
      } else if (deletes_in_flight_ && sight.kind != Sight::Kind::failed) {
        written_[number_[at][sight.key]] = true;
      }
    }
    input_.step_read_begin.push_back(static_cast<Index>(input_.reads.size()));
  }

  /// As RegisterSorter has it (key_history.cpp).
  void place_read(Owner& owner, const Sight& sight, Index key) {
    CausalInput::Read read{sight.operation, sight.operation, key, CausalInput::initial_state};
    if (sight.version == none) {
      if (deletes_in_flight_) {
        if (written_[key]) ++found_.unexplained;
        return;
      }
      if (const Index removals = removals_seen(key, sight.operation); removals > 0) {
        read.source = CausalInput::unclear;
        input_.unclear_deletes.push_back(removals);
        ++found_.ambiguous_nulls;
      }
      input_.reads.push_back(read);
      return;
    }
    const Version& version = owner.versions[sight.version];
    if (version.write == none) {
      if (!version.failed && unfinished_) {
        ++found_.unexplained;
      } else {
        owner.odd_keys.insert(sight.key);
      }
      return;
    }
    if (version.duplicate) return;
    if (version.read_first && reads_future(sight.operation, input_.writes[version.write].operation)) {
      owner.odd_keys.insert(sight.key);
      return;
    }
    read.source = version.write;
    input_.reads.push_back(read);
  }

  /// As afterwrite::reads_future.
  bool reads_future(Index read, Index write) const {
    const CausalInput::Step& a = input_.steps[read];
    const CausalInput::Step& b = input_.steps[write];
    if (a.owner == b.owner) return a.complete < b.invoke || (a.complete == b.invoke && read < write);
    return one_clock_ && a.complete < b.invoke;
  }

  CausalScan& scan_;
  bool one_clock_;
  bool unfinished_;
  bool deletes_in_flight_ = false;
  ScannedCausal found_;
  CausalInput& input_ = found_.input;
  std::vector<std::vector<Index>> number_;                                // of keys, by owner and number there
  /// By key, and session if times do not compare: when each began, and the operation.
  std::map<std::pair<Index, Index>, std::vector<std::pair<Nanoseconds, Index>>> removals_;
  std::unordered_map<Index, Index> removals_of_;                          // by key: how many
  std::vector<bool> written_;                                             // by key: so far
};

ScannedCausal CausalScan::finish(bool one_clock, bool unfinished) {
  return Finishing(*this, one_clock, unfinished).run();
}

}  // namespace afterwrite
