#include <algorithm>

#include "checkers/sieve/sieve.hpp"

namespace afterwrite {

namespace {

/// More than wait for one write, and the key is given up.
constexpr std::size_t most_waiting = 4096;

}  // namespace

/// A read of something older than what had been mentioned when it began.
void Sieve::note_stale(const ScannedOperation& operation, KeyState& key, std::int64_t number,
                       std::optional<Origin> origin) {
  const bool nothing = operation.value == ValueKind::nothing;
  key.nothing_after_write = key.nothing_after_write || nothing;
  if (exposed_) return;  // the first pass noted it
  const auto stale = [&]() -> StaleReads& {
    if (!key.risk) key.risk = std::make_unique<KeyRisk>(memory_);
    return key.risk->stale;
  };
  if (key.numbering == KeyState::Numbering::recorded) return stale().all.add(operation.invoke, number);
  if (nothing) return stale().all.add(operation.invoke, 0);
  switch (rules_.known) {
    case KnownOrder::everyone:
      return stale().all.add(operation.invoke, number);
    case KnownOrder::same_writer:
      // Before its write was acknowledged, its writer cannot have begun a newer one.
      if (origin) stale().by_writer[*origin].add(operation.invoke, number);
      return;
    case KnownOrder::nothing:
      return;
  }
}

void Sieve::expose(std::uint32_t number, KeyState& key) {
  key.risk = std::make_unique<KeyRisk>(memory_);
  if (number < exposed_->stale.size()) key.risk->stale = std::move(exposed_->stale[number]);
}

/// False if the key cannot go on.
bool Sieve::count_at_risk(const SessionSlot& slot, KeyState& key, const Waiting& operation, Owing written, Owing read) {
  KeyRisk& risk = *key.risk;
  KeyRisk::Session& session = risk.of_session(operation.session);
  const bool ranked = key.numbering == KeyState::Numbering::ranked;
  const std::int64_t oldest = risk.stale.all.oldest_after(operation.invoke);
  const Nanoseconds invisible = exposed_->timeline->invisible_since(operation.invoke);
  const auto older_was_shown = [&](const OwedMarks& marks, const OwedRisk& owed) {
    if (!ranked) return oldest < marks.newest_number();
    if (oldest <= owed.older) return true;
    if (rules_.known != KnownOrder::same_writer) return false;
    const auto by_writer = risk.stale.by_writer.find(marks.high);  // if they are of several, nothing is decided
    return by_writer != risk.stale.by_writer.end() &&
           by_writer->second.oldest_after(operation.invoke) < std::int64_t{marks.newest()};
  };
  const auto could_be_missed = [&](const OwedMarks& marks, const OwedRisk& owed) {
    return !marks.empty() && (invisible < owed.since || older_was_shown(marks, owed));
  };
  const std::array<bool, 2> missed{could_be_missed(slot.written, session.written),
                                   could_be_missed(slot.read, session.read)};
  for (std::size_t chains = 1; chains < 4; ++chains) {
    const bool of_writes = (chains & 1U) != 0;
    const bool of_reads = (chains & 2U) != 0;
    if ((of_writes && written == Owing::unknown) || (of_reads && read == Owing::unknown)) continue;
    if ((of_writes && missed[0]) || (of_reads && missed[1])) {
      ++(operation.write ? risk.counts.writes : risk.counts.reads)[chains];
    }
  }
  if (operation.number == nothing_there || (ranked && operation.number == 0)) return true;
  const OwedMarks& marks = operation.write ? slot.written : slot.read;
  const bool again =
      !marks.empty() && (ranked ? marks.newest() == operation.number : marks.newest_number() == operation.number);
  if (again) return true;
  const Nanoseconds there = wait_for_all_ ? risk.acknowledged_at(operation.number) : 0;
  Origin older = 0;
  if (ranked && rules_.known == KnownOrder::everyone) {
    // A write without duration finds itself among what had been mentioned when it was invoked.
    older = std::min(operation.origin, static_cast<Origin>(operation.number) - 1);
  }
  return (operation.write ? session.written : session.read).push(there, older);
}

void Sieve::wait(KeyState& key, const Waiting& operation) {
  if (key.waiting == 0) {
    if (idle_queues_.empty()) {
      idle_queues_.push_back(static_cast<std::uint32_t>(queues_.size()));
      queues_.emplace_back();
    }
    key.waiting = idle_queues_.back() + 1;
    idle_queues_.pop_back();
  }
  Queue& queue = queues_[key.waiting - 1];
  if (queue.operations.size() - queue.first == most_waiting) return suspect(key);
  queue.operations.push_back(operation);
}

/// The write of a version that was read before it has come.
void Sieve::came(KeyState& key, std::int64_t number, Origin origin) {
  Queue& queue = queues_[key.waiting - 1];
  for (std::size_t i = queue.first; i < queue.operations.size(); ++i) {
    Waiting& one = queue.operations[i];
    if (one.number != number || one.known) continue;
    one.origin = origin;
    one.known = true;
  }
  drain(key);
}

void Sieve::drain(KeyState& key) {
  const std::uint32_t place = key.waiting - 1;
  while (!key.suspect) {
    Queue& queue = queues_[place];
    if (queue.first == queue.operations.size()) {
      queue.operations.clear();
      queue.first = 0;
      idle_queues_.push_back(place);
      key.waiting = 0;
      return;
    }
    const Waiting one = queue.operations[queue.first];
    if (!one.known) break;
    ++queue.first;
    count(key, one);
  }
  // What was counted goes, once it is more than what is left.
  Queue& queue = queues_[place];
  if (key.suspect || 2 * queue.first < queue.operations.size()) return;
  queue.operations.erase(queue.operations.begin(), queue.operations.begin() + static_cast<std::ptrdiff_t>(queue.first));
  queue.first = 0;
}

void Sieve::suspect(KeyState& key) {
  key.suspect = true;
  key.recent = {};
  key.sessions.clear(memory_);
  key.values.clear(memory_);
  key.risk.reset();
  if (key.waiting == 0) return;
  queues_[key.waiting - 1] = {};
  idle_queues_.push_back(key.waiting - 1);
  key.waiting = 0;
}

void Sieve::finish(bool unfinished, bool any_delete) {
  for (std::uint32_t i = 0; i < key_names_.size(); ++i) {
    KeyState& key = key_state(i);
    if (key.suspect) continue;
    if (key.not_yet > 0 || (unfinished && any_delete && key.nothing_after_write)) suspect(key);
  }
}

Cleared Sieve::cleared() const {
  Cleared all;
  all.assumed = rules_.assumed;
  for (std::uint32_t number = 0; number < key_names_.size(); ++number) {
    const KeyState& key = key_state(number);
    if (key.suspect) continue;
    for (std::size_t i = 0; i < owing_count; ++i) {
      for (std::size_t k = 0; k < owing_count; ++k)
        all.reads[i][k] += key.reads[i][k];
    }
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t k = 0; k < 2; ++k)
        all.writes[i][k] += key.writes[i][k];
    }
    if (key.risk) all.at_risk += key.risk->counts;
  }
  return all;
}

std::vector<std::string> Sieve::suspects() const {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < key_names_.size(); ++i) {
    if (key_state(i).suspect) names.emplace_back(key_names_.name(i));
  }
  return names;
}

std::uint32_t Sieve::stale_keys() const {
  std::uint32_t count = 0;
  for (std::uint32_t number = 0; number < key_names_.size(); ++number) {
    const KeyState& key = key_state(number);
    count += !key.suspect && key.risk ? 1U : 0U;
  }
  return count;
}

void Sieve::suspect_stale() {
  for (std::uint32_t number = 0; number < key_names_.size(); ++number) {
    KeyState& key = key_state(number);
    if (!key.suspect && key.risk) suspect(key);
  }
}

std::vector<StaleReads> Sieve::stale_reads() {
  std::vector<StaleReads> all;
  for (std::uint32_t number = 0; number < key_names_.size(); ++number) {
    KeyState& key = key_state(number);
    if (key.suspect || !key.risk) continue;
    all.resize(number + 1);
    all[number] = std::move(key.risk->stale);
  }
  return all;
}

}  // namespace afterwrite
