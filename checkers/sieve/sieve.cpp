#include "checkers/sieve/sieve.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace afterwrite {

namespace {

/// What no session has written or read a version before is older than every number.
constexpr std::int64_t nothing_there = std::numeric_limits<std::int64_t>::min();

/// More than wait for one write, and the key is given up.
constexpr std::size_t most_waiting = 4096;

bool is_list_operation(const ScannedOperation& operation) {
  return operation.function == Function::append || operation.value == ValueKind::list;
}

}  // namespace

SieveRules::SieveRules(const Assumptions& all, std::uint64_t drawn)
    : one_clock(has(all, Assumption::one_clock)),
      seed(drawn),
      values{fold_product(drawn, 0xa0761d6478bd642f), fold_product(~drawn, 0xe7037ed1a0b428db)} {
  const auto take = [&](Assumption one) { assumed.set(static_cast<std::size_t>(one)); };
  if (has(all, Assumption::writer_order)) {
    take(Assumption::writer_order);
    known = KnownOrder::same_writer;
  }
  if (has(all, Assumption::realtime_writes) && one_clock) {
    take(Assumption::realtime_writes);
    known = KnownOrder::everyone;
  }
}

Sieve::Sieve(const SieveRules& rules) : rules_(rules) {}

/// In small batches: what one operation needs is fetched from memory while others are dealt with.
void Sieve::take(std::span<const ScannedOperation* const> operations) {
  constexpr std::size_t batch_size = 32;
  std::array<Looked, batch_size> batch;
  for (std::size_t begin = 0; begin < operations.size(); begin += batch_size) {
    const std::size_t size = std::min(batch_size, operations.size() - begin);
    for (std::size_t i = 0; i < size; ++i) {
      batch[i].operation = operations[begin + i];
      key_names_.prefetch(batch[i].operation->key_hash);
    }
    for (std::size_t i = 0; i < size; ++i)
      look_up(batch[i]);
    for (std::size_t i = 0; i < size; ++i) {
      const KeyState& key = key_state(batch[i].key);
      key.sessions.prefetch(batch[i].session + 1);
      key.values.prefetch(batch[i].value_hash);
      key.recent.prefetch();
    }
    for (std::size_t i = 0; i < size; ++i)
      take(batch[i]);
  }
}

void Sieve::look_up(Looked& one) {
  const ScannedOperation& operation = *one.operation;
  one.key = key_names_.number(operation.key, operation.key_hash);
  if (one.key == keys_.size() * keys_a_piece) keys_.push_back(std::make_unique<KeyState[]>(keys_a_piece));
  one.session = session_names_.number(operation.session, hash_text(operation.session, rules_.seed));
  if (one.session == sessions_.size()) sessions_.emplace_back();
  const auto* const state = reinterpret_cast<const char*>(&key_state(one.key));
  for (std::size_t line = 0; line < sizeof(KeyState); line += 64)
    __builtin_prefetch(state + line, 1);
  if (operation.value == ValueKind::nothing) return;
  one.value = operation.value == ValueKind::integer ? identity_of(operation.integer)
                                                    : identity_of(operation.text, rules_.values);
  one.value_hash = VersionSlot::hash_of(one.value, rules_.seed);
}

void Sieve::take(const Looked& one) {
  const ScannedOperation& operation = *one.operation;
  if (operation.outcome == Outcome::ok) longest_ = std::max(longest_, operation.complete - operation.invoke);
  KeyState& key = key_state(one.key);
  if (key.suspect) return;
  if (is_list_operation(operation)) return suspect(key);
  switch (operation.function) {
    case Function::read:
      if (operation.outcome == Outcome::ok) take_read(one, key);
      return;
    case Function::write:
      return take_write(one, key);
    default:
      if (operation.outcome != Outcome::fail) suspect(key);
      return;
  }
}

VersionSlot& Sieve::version(const Looked& one, KeyState& key) const {
  return key.values.at(
      one.value_hash, [&](const VersionSlot& held) { return held.is(one.value); }, rules_.seed);
}

void Sieve::take_write(const Looked& one, KeyState& key) {
  const ScannedOperation& operation = *one.operation;
  VersionSlot& slot = version(one, key);
  const bool fresh = slot.empty();
  if (fresh) slot.fill(one.value);
  if (operation.outcome != Outcome::ok) {
    // Of a write that failed, or of which nobody knows, no more is to be said unless its value turns up again.
    slot.set(operation.outcome == Outcome::fail ? Written::never : Written::perhaps);
    key.written = key.written || operation.outcome == Outcome::info;
    if (!fresh || (operation.outcome == Outcome::info && operation.versioned)) suspect(key);
    return;
  }
  if (fresh) {
    if (!first_mention(one, key, slot)) return suspect(key);
  } else {
    if (slot.written() != Written::not_yet || !agrees(operation, key, slot)) return suspect(key);
    // Read before it was invoked, or at that very moment.
    const auto mentioned = key.recent.mentioned(key.number_of(slot));
    if (!mentioned || *mentioned <= operation.invoke) return suspect(key);
    --key.not_yet;
  }
  const std::optional<Origin> origin = origin_of_write(one, key);
  if (!origin) return suspect(key);
  slot.set(Written::surely);
  if (key.numbering == KeyState::Numbering::ranked) slot.set_origin(*origin);
  key.written = true;
  const std::int64_t number = key.number_of(slot);
  if (!in_sequence(one, key, number)) return suspect(key);
  if (!fresh && key.numbering == KeyState::Numbering::ranked) {
    came(key, static_cast<std::uint32_t>(number), *origin);
  }
  count(one, key, number, origin);
}

void Sieve::take_read(const Looked& one, KeyState& key) {
  const ScannedOperation& operation = *one.operation;
  if (operation.value == ValueKind::nothing) {
    key.nothing_after_write = key.nothing_after_write || key.written;
    if (!in_sequence(one, key, nothing_there)) return suspect(key);
    return count(one, key, nothing_there, Origin{0});
  }
  VersionSlot& slot = version(one, key);
  if (slot.empty()) {
    slot.fill(one.value);
    if (!first_mention(one, key, slot)) return suspect(key);
    slot.set(Written::not_yet);
    ++key.not_yet;
  } else if (slot.written() == Written::perhaps || slot.written() == Written::never || !agrees(operation, key, slot)) {
    return suspect(key);
  }
  const std::int64_t number = key.number_of(slot);
  const std::optional<Origin> origin = slot.written() == Written::surely ? std::optional(slot.origin()) : std::nullopt;
  if (!in_sequence(one, key, number)) return suspect(key);
  count(one, key, number, origin);
}

/// Gives a version its place in the order. False if the key cannot go on.
bool Sieve::first_mention(const Looked& one, KeyState& key, VersionSlot& slot) {
  const ScannedOperation& operation = *one.operation;
  const auto numbering = operation.versioned ? KeyState::Numbering::recorded : KeyState::Numbering::ranked;
  if (key.numbering == KeyState::Numbering::unknown) {
    key.numbering = numbering;
    key.epoch = operation.epoch;
  }
  if (key.numbering != numbering) return false;
  if (operation.versioned && (key.epoch != operation.epoch || operation.version == nothing_there)) return false;
  ++key.versions;
  slot.word = operation.versioned ? static_cast<std::uint64_t>(operation.version) : key.versions;
  return key.recent.add(key.number_of(slot), operation.complete, operation.complete - longest_);
}

/// Whether a further mention of a version says of it what the first one did.
bool Sieve::agrees(const ScannedOperation& operation, const KeyState& key, const VersionSlot& slot) const {
  if (!operation.versioned) return true;
  return key.numbering == KeyState::Numbering::recorded && key.epoch == operation.epoch &&
         slot.recorded() == operation.version;
}

std::optional<Origin> Sieve::origin_of_write(const Looked& one, const KeyState& key) const {
  if (key.numbering == KeyState::Numbering::recorded) return 0;
  switch (rules_.known) {
    case KnownOrder::nothing:
      return 0;
    case KnownOrder::same_writer:
      return one.session;
    case KnownOrder::everyone:
      break;
  }
  const auto newest = key.recent.greatest_at(one.operation->invoke);
  if (!newest) return std::nullopt;
  return static_cast<Origin>(*newest);
}

/// Whether the operation began after its session's others on this key had ended; nobody had been shown a newer version
/// by then; and none is shown another at the very moment at which a read without duration returned one. If times
/// compare, the second is what realtime-writes demands of a write, and what keeps reads from having been at risk.
bool Sieve::in_sequence(const Looked& one, KeyState& key, std::int64_t number) {
  const ScannedOperation& operation = *one.operation;
  LastOperations& last = sessions_[one.session];
  const bool ended = last.ended(one.key, operation.invoke);
  last.add(one.key, operation.complete);
  if (!ended) return false;
  if (key.numbering == KeyState::Numbering::ranked && number != nothing_there) {
    key.recent.meet(number, operation.invoke, operation.function == Function::write);
  }
  if (rules_.one_clock && !newest_then(operation, key, number)) return false;
  if (operation.complete == key.instant && number != key.instant_number) return false;
  if (operation.invoke == operation.complete && operation.function == Function::read) {
    key.instant = operation.complete;
    key.instant_number = number;
  }
  return true;
}

bool Sieve::newest_then(const ScannedOperation& operation, KeyState& key, std::int64_t number) {
  if (number == nothing_there) return key.recent.newer_since(std::nullopt) > operation.invoke;
  if (key.recent.newer_since(number) > operation.invoke) return true;
  return key.numbering == KeyState::Numbering::ranked && key.swap_with_next(static_cast<std::uint32_t>(number)) &&
         key.recent.newer_since(number) > operation.invoke;
}

void Sieve::count(const Looked& one, KeyState& key, std::int64_t number, std::optional<Origin> origin) {
  if (key.suspect) return;
  const bool write = one.operation->function == Function::write;
  if (key.numbering != KeyState::Numbering::ranked) {
    return count_numbered(session_slot(key, one.session), key, write, number);
  }
  const Waiting operation{one.session, number == nothing_there ? 0 : static_cast<std::uint32_t>(number),
                          origin.value_or(0), write, origin.has_value() || rules_.known == KnownOrder::nothing};
  if (!operation.known || key.waiting != 0) return wait(key, operation);
  count_ranked(session_slot(key, one.session), key, operation);
}

SessionSlot& Sieve::session_slot(KeyState& key, std::uint32_t session) const {
  SessionSlot& slot = key.sessions.at(
      session + 1, [&](const SessionSlot& held) { return held.session == session + 1; }, rules_.seed);
  slot.session = session + 1;
  return slot;
}

/// Numbers say how any two versions stand to each other.
void Sieve::count_numbered(SessionSlot& slot, KeyState& key, bool write, std::int64_t number) {
  const bool owed_writes = !slot.written.empty();
  const bool owed_reads = !slot.read.empty();
  const std::int64_t newest = std::max(owed_writes ? slot.written.newest_number() : nothing_there,
                                       owed_reads ? slot.read.newest_number() : nothing_there);
  if (number < newest || (write && number == newest)) return suspect(key);
  if (write) {
    ++key.writes[owed_writes ? 1 : 0][owed_reads ? 1 : 0];
    slot.written.push_number(number);
    return;
  }
  const auto known = [](bool owed) { return static_cast<std::size_t>(owed ? Owing::known_by_facts : Owing::nothing); };
  ++key.reads[known(owed_writes)][known(owed_reads)];
  if (number != nothing_there) slot.read.push_number(number);
}

/// Nothing but an assumption orders these versions. That of two writes orders nothing for the sake of writes, so that
/// only reads count.
void Sieve::count_ranked(SessionSlot& slot, KeyState& key, const Waiting& operation) {
  const bool write_last = key.place(slot.written.newest()) > key.place(slot.read.newest());
  const std::uint32_t newest = write_last ? slot.written.newest() : slot.read.newest();
  if (operation.write && operation.number == newest) return suspect(key);
  if (key.place(operation.number) < key.place(newest)) {
    if (newest != operation.number + 1 || !key.swap_with_next(operation.number)) return suspect(key);
  } else if (operation.number == newest + 1 && newest > 0) {
    key.recent.show_order(operation.number);
  }
  if (operation.write) return slot.written.push(operation.number, operation.origin, rules_.known);
  const Owing written = slot.written.owing(operation.number, operation.origin, rules_.known);
  const Owing read = slot.read.owing(operation.number, operation.origin, rules_.known);
  ++key.reads[static_cast<std::size_t>(written)][static_cast<std::size_t>(read)];
  if (operation.number > 0) slot.read.push(operation.number, operation.origin, rules_.known);
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
void Sieve::came(KeyState& key, std::uint32_t number, Origin origin) {
  if (key.waiting == 0) return;
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
    count_ranked(session_slot(key, one.session), key, one);
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
  key.sessions = {};
  key.values = {};
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

}  // namespace afterwrite
