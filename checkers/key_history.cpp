#include "checkers/key_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace afterwrite {

namespace {

constexpr std::size_t examples_of_a_kind = 3;

/// Writes of one value to one key.
struct Writers {
  VersionIndex version = initial_version;  // of the first that did not fail
  OperationIndex write = no_operation;     // likewise
  bool effective = false;                  // there is one that did not fail
  bool duplicate = false;
  OperationIndex failed = no_operation;
};

/// Finds the reads that are internal to their transactions, and returns which operations are intermediate: writes of a
/// key that their own transaction wrote again. Empty if nothing is part of a transaction.
std::vector<bool> look_at_transactions(const History& history, KeyHistory& key) {
  std::vector<bool> intermediate;
  std::optional<std::size_t> written;  // by the transaction that is looked at
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    const Operation& op = history.operations[key.operations[i]];
    if (op.txn.empty()) continue;
    if (i == 0 || !of_one_transaction(history.operations[key.operations[i - 1]], op)) written.reset();
    key.internal.resize(key.operations.size());
    intermediate.resize(key.operations.size());
    if (!op.is_write()) {
      key.internal[i] = written.has_value();
    } else if (op.outcome != Outcome::fail) {
      if (written) intermediate[*written] = true;
      written = i;
    }
  }
  return intermediate;
}

/// Sorts out the operations of one register.
class RegisterSorter {
 public:
  /// `deletes_in_flight`: a null read may be the doing of a delete that was never recorded.
  RegisterSorter(const History& history, const SortingRules& rules, bool deletes_in_flight, SortedHistory& all,
                 KeyHistory& key)
      : history_(history), rules_(rules), deletes_in_flight_(deletes_in_flight), all_(all), key_(key) {}

  void sort() {
    key_.sights.assign(key_.operations.size(), Sight::none);
    key_.seen.assign(key_.operations.size(), initial_version);
    key_.versions.emplace_back();
    intermediate_ = look_at_transactions(history_, key_);
    for (std::size_t i = 0; i < key_.operations.size(); ++i) {
      if (operation(i).is_write()) take_write(i);
    }
    key_.removals.sort();
    drop_writes_that_order_nothing();
    for (std::size_t i = 0; i < key_.operations.size(); ++i) {
      if (!operation(i).is_write() && operation(i).outcome == Outcome::ok) take_read(i);
      written_ = written_ || (operation(i).is_write() && operation(i).outcome != Outcome::fail);
    }
  }

 private:
  const Operation& operation(std::size_t i) const { return history_.operations[key_.operations[i]]; }

  /// Takes the recorded version of what `op` wrote or read. Two that differ for one value order nothing.
  void record(VersionIndex id, const Operation& op, OperationIndex index) {
    if (!op.version || conflicting_.contains(id)) return;
    Version& version = key_.versions[id];
    if (!version.recorded) {
      version.recorded = op.version;
      version.recorded_by = index;
    } else if (*version.recorded != *op.version) {
      all_.anomalies.add("conflicting-version",
                         fmt::format("key {}: {} was recorded as version {} of epoch {} and, in line {}, as version {} of epoch {}",
                                     key_.key, display(version.value), version.recorded->version,
                                     version.recorded->epoch, op.line, op.version->version, op.version->epoch));
      conflicting_.insert(id);
      version.recorded.reset();
    }
  }

  void take_write(std::size_t i) {
    const Operation& op = operation(i);
    const OperationIndex index = key_.operations[i];
    const bool removal = op.function == Function::remove;
    if (op.outcome == Outcome::fail) {
      if (!removal) writers_[to_scalar(op.value)].failed = index;
      return;
    }
    Version version;
    version.value = removal ? Value{} : op.value;
    version.write = index;
    version.outcome = op.outcome;
    version.removal = removal;
    const auto id = static_cast<VersionIndex>(key_.versions.size());
    if (!removal) {
      Writers& writers = writers_[to_scalar(op.value)];
      if (writers.effective) {
        writers.duplicate = true;
        key_.doubt = fmt::format("{} was written twice", display(op.value));
        all_.anomalies.add("duplicate-value",
                           fmt::format("key {}: {} (again in line {})", key_.key, key_.doubt, op.line));
        return;
      }
      writers.effective = true;
      writers.version = id;
      writers.write = index;
    }
    if (removal && !intermediate(i)) {
      key_.removals.add(id, op.session, own_times(history_, index, rules_).invoke, rules_.one_clock);
    }
    key_.versions.push_back(std::move(version));
    key_.sights[i] = Sight::version;
    key_.seen[i] = id;
    record(id, op, index);
  }

  bool intermediate(std::size_t i) const { return !intermediate_.empty() && intermediate_[i]; }
  bool internal(std::size_t i) const { return !key_.internal.empty() && key_.internal[i]; }

  /// Which of two writes of one value a read saw cannot be told, and one that its own transaction wrote over was never
  /// to be seen: neither orders anything.
  void drop_writes_that_order_nothing() {
    for (std::size_t i = 0; i < key_.operations.size(); ++i) {
      const Operation& op = operation(i);
      if (!op.is_write() || key_.sights[i] != Sight::version) continue;
      if (!intermediate(i) && (is_null(op.value) || !writers_.at(to_scalar(op.value)).duplicate)) continue;
      Version& version = key_.versions[key_.seen[i]];
      version.write = no_operation;
      version.recorded.reset();
      key_.sights[i] = Sight::none;
    }
  }

  void take_read(std::size_t i) {
    const Operation& op = operation(i);
    if (is_null(op.value)) return take_null(i);
    if (is_list(op.value)) return;
    const auto found = writers_.find(to_scalar(op.value));
    if (found == writers_.end() || !found->second.effective) return take_unwritten(i, found);
    const VersionIndex id = found->second.version;
    if (found->second.duplicate) return;
    const OperationIndex write = found->second.write;
    if (reads_future(history_, key_.operations[i], write, rules_)) {
      return anomaly("future-read", i, "was read before its write began");
    }
    if (written_over(write) && !of_one_transaction(history_.operations[write], op)) {
      return anomaly("intermediate-read", i, "is not the last write of its transaction");
    }
    if (!internal(i)) see(i, id);
  }

  /// Whether this write of the key is intermediate.
  bool written_over(OperationIndex write) const {
    if (intermediate_.empty()) return false;
    const auto place = std::lower_bound(key_.operations.begin(), key_.operations.end(), write);
    return intermediate(static_cast<std::size_t>(place - key_.operations.begin()));
  }

  void take_null(std::size_t i) {
    if (internal(i)) return;
    if (deletes_in_flight_) {
      if (written_) ++all_.unexplained;  // of a key that was never written, nothing is what there is
      return;
    }
    if (seen_removals(history_, key_, i, rules_).count() > 0) {
      key_.sights[i] = Sight::ambiguous_null;
      ++all_.ambiguous_nulls;
    } else {
      key_.sights[i] = Sight::version;
      key_.seen[i] = initial_version;
    }
  }

  void take_unwritten(std::size_t i, std::unordered_map<Scalar, Writers, ScalarHash>::iterator found) {
    if (found != writers_.end() && found->second.failed != no_operation) {
      return anomaly("aborted-read", i,
                     fmt::format("is of the write in line {}, which failed",
                                 history_.operations[found->second.failed].line));
    }
    if (!rules_.unfinished) return anomaly("phantom-read", i, "was written by nobody");
    ++all_.unexplained;
  }

  void see(std::size_t i, VersionIndex id) {
    key_.sights[i] = Sight::version;
    key_.seen[i] = id;
    Version& version = key_.versions[id];
    if (version.first_read == no_operation) version.first_read = key_.operations[i];
    record(id, operation(i), key_.operations[i]);
  }

  void anomaly(const std::string& name, std::size_t i, const std::string& why) {
    const Operation& op = operation(i);
    all_.anomalies.add(name, fmt::format("line {}: {} read {} from key {}, which {}", op.line, op.session,
                                         display(op.value), key_.key, why));
  }

  const History& history_;
  const SortingRules& rules_;
  bool deletes_in_flight_;
  bool written_ = false;  // by an operation that stands before the one that is looked at
  SortedHistory& all_;
  KeyHistory& key_;
  std::unordered_map<Scalar, Writers, ScalarHash> writers_;
  std::vector<bool> intermediate_;  // parallel to the key's operations; empty if nothing is part of a transaction
  std::unordered_set<VersionIndex> conflicting_;
};

/// A key is a list once anything was appended to it, or a list was read from it.
bool holds_list(const Operation& op) { return op.function == Function::append || is_list(op.value); }

}  // namespace

std::size_t ScalarHash::operator()(const Scalar& scalar) const {
  if (const auto* number = std::get_if<std::int64_t>(&scalar)) return std::hash<std::int64_t>{}(*number);
  return std::hash<std::string>{}(std::get<std::string>(scalar));
}

void Anomalies::add(const std::string& name, std::string example) {
  if (counts[name]++ < examples_of_a_kind) examples.push_back(name + ": " + std::move(example));
}

OwnTimes own_times(const History& history, OperationIndex operation, const SortingRules& rules) {
  if (rules.own_times != nullptr) return (*rules.own_times)[operation];
  const Operation& op = history.operations[operation];
  return {op.invoke, op.complete};
}

bool SeenRemovals::contains(VersionIndex of_a_run) const {
  return std::find(after_read.begin(), after_read.end(), of_a_run) == after_read.end();
}

std::size_t SeenRemovals::count() const {
  std::size_t all = 0;
  for (const auto& run : runs) all += run.size();
  return all - after_read.size();
}

void Removals::add(VersionIndex version, const std::string& session, Nanoseconds invoke, bool one_clock) {
  one_clock_ = one_clock;
  tracks_[one_clock ? std::string{} : session].added.emplace_back(invoke, version);
}

void Removals::sort() {
  for (auto& [session, track] : tracks_) {
    std::sort(track.added.begin(), track.added.end());
    for (const auto& [invoke, version] : track.added) track.versions.push_back(version);
  }
}

std::vector<std::span<const VersionIndex>> Removals::invoked_by(const std::string& session, Nanoseconds complete) const {
  std::vector<std::span<const VersionIndex>> runs;
  const auto own = tracks_.find(one_clock_ ? std::string{} : session);
  if (own != tracks_.end()) {
    const Track& track = own->second;
    const auto after = std::upper_bound(track.added.begin(), track.added.end(), complete,
                                        [](Nanoseconds time, const auto& added) { return time < added.first; });
    runs.push_back(std::span(track.versions).first(static_cast<std::size_t>(after - track.added.begin())));
  }
  for (auto other = tracks_.begin(); other != tracks_.end(); ++other) {
    if (other != own) runs.emplace_back(other->second.versions);
  }
  return runs;
}

SeenRemovals seen_removals(const History& history, const KeyHistory& key, std::size_t place, const SortingRules& rules) {
  const OperationIndex read = key.operations[place];
  const Operation& op = history.operations[read];
  const Nanoseconds complete = own_times(history, read, rules).complete;
  SeenRemovals seen{key.removals.invoked_by(op.session, complete), {}};
  if (seen.runs.empty()) return seen;
  const auto stands_after = [&](VersionIndex version) {
    const OperationIndex removal = key.versions[version].write;
    return removal > read && history.operations[removal].session == op.session;
  };
  const auto own = seen.runs.front();
  // Those that began in the moment in which the read ended.
  for (std::size_t i = own.size(); i-- > 0;) {
    if (own_times(history, key.versions[own[i]].write, rules).invoke < complete) break;
    if (stands_after(own[i])) seen.after_read.push_back(own[i]);
  }
  // The operations of a transaction stand together.
  for (std::size_t i = place + 1; i < key.operations.size(); ++i) {
    if (!of_one_transaction(op, history.operations[key.operations[i]])) break;
    if (key.sights[i] != Sight::version || !key.versions[key.seen[i]].removal) continue;
    const bool in_run = own_times(history, key.operations[i], rules).invoke <= complete;
    if (in_run && seen.contains(key.seen[i])) seen.after_read.push_back(key.seen[i]);
  }
  return seen;
}

bool reads_future(const History& history, OperationIndex read, OperationIndex write, const SortingRules& rules) {
  const Operation& a = history.operations[read];
  const Operation& b = history.operations[write];
  if (of_one_transaction(a, b)) return read < write;
  const Nanoseconds ended = own_times(history, read, rules).complete;
  const Nanoseconds began = own_times(history, write, rules).invoke;
  if (a.session == b.session) return ended < began || (ended == began && read < write);
  return rules.one_clock && ended < began;
}

SortedHistory sort_by_key(const History& history, const SortingRules& rules) {
  SortedHistory sorted;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    const Operation& op = history.operations[i];
    const auto [place, fresh] = places.emplace(op.key, sorted.keys.size());
    if (fresh) sorted.keys.emplace_back().key = op.key;
    KeyHistory& key = sorted.keys[place->second];
    key.operations.push_back(static_cast<OperationIndex>(i));
    key.list = key.list || holds_list(op);
  }
  sorted.deletes_in_flight =
      rules.unfinished &&
      (rules.any_delete || std::any_of(history.operations.begin(), history.operations.end(),
                                       [](const Operation& op) { return op.function == Function::remove; }));
  for (KeyHistory& key : sorted.keys) {
    if (key.list) look_at_transactions(history, key);  // every append counts, none is intermediate
    if (!key.list) RegisterSorter(history, rules, sorted.deletes_in_flight, sorted, key).sort();
  }
  return sorted;
}

}  // namespace afterwrite
