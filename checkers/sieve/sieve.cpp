#include "checkers/sieve/sieve.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace afterwrite {

namespace {

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

Sieve::Sieve(const SieveRules& rules, Exposed exposed)
    : rules_(rules), exposed_(std::move(exposed)), wait_for_all_(exposed_->timeline->any_behind()) {}

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
  if (exposed_ && !key.risk) expose(one.key, key);
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

VersionSlot& Sieve::version(const Looked& one, KeyState& key) {
  return key.values.at(
      one.value_hash, [&](const VersionSlot& held) { return held.is(one.value); }, rules_.seed, memory_);
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
  const std::optional<Origin> origin = origin_of_write(one, key, key.number_of(slot));
  if (!origin) return suspect(key);
  slot.set(Written::surely);
  if (key.numbering == KeyState::Numbering::ranked) slot.set_origin(*origin);
  key.written = true;
  const std::int64_t number = key.number_of(slot);
  if (!in_sequence(one, key, number, origin)) return suspect(key);
  if (wait_for_all_) key.risk->acknowledge(number, operation.complete);
  if (!fresh && key.waiting != 0) came(key, number, *origin);
  count(one, key, number, origin);
}

void Sieve::take_read(const Looked& one, KeyState& key) {
  const ScannedOperation& operation = *one.operation;
  if (operation.value == ValueKind::nothing) {
    key.nothing_after_write = key.nothing_after_write || key.written;
    if (!in_sequence(one, key, nothing_there, {})) return suspect(key);
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
  if (!in_sequence(one, key, number, origin)) return suspect(key);
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

std::optional<Origin> Sieve::origin_of_write(const Looked& one, const KeyState& key, std::int64_t number) const {
  if (key.numbering == KeyState::Numbering::recorded) return 0;
  switch (rules_.known) {
    case KnownOrder::nothing:
      return 0;
    case KnownOrder::same_writer:
      return one.session;
    case KnownOrder::everyone:
      break;
  }
  // Of what was first mentioned in that very moment, the exact judge knows whether the writer itself had met it.
  if (key.recent.another_mentioned_at(one.operation->invoke, number)) return std::nullopt;
  const auto newest = key.recent.greatest_before(one.operation->invoke);
  if (!newest) return std::nullopt;
  return static_cast<Origin>(*newest);
}

/// Whether the operation began after its session's others on this key had ended; nobody had been shown a newer version
/// by then; and none is shown another at the very moment at which a read without duration returned one. If times
/// compare, the second is what realtime-writes demands of a write; a read that breaks it was stale, though its session
/// need not have been owed anything newer.
bool Sieve::in_sequence(const Looked& one, KeyState& key, std::int64_t number, std::optional<Origin> origin) {
  const ScannedOperation& operation = *one.operation;
  LastOperations& last = sessions_[one.session];
  const bool ended = last.ended(one.key, operation.invoke);
  last.add(one.key, operation.complete);
  if (!ended) return false;
  if (key.numbering == KeyState::Numbering::ranked && operation.function == Function::write) {
    key.recent.written(number, operation.invoke);
  }
  if (rules_.one_clock && meets_older(operation, key, number)) {
    if (operation.function == Function::read) {
      // Unless that is the next one, and nothing says that it is newer: then they change places.
      const bool may_swap = key.numbering == KeyState::Numbering::ranked && number != nothing_there;
      const bool swapped = may_swap && key.swap_with_next(static_cast<std::uint32_t>(number));
      if (!swapped || meets_older(operation, key, number)) note_stale(operation, key, number, origin);
    } else if (rules_.known == KnownOrder::everyone) {
      return false;
    }
  }
  if (operation.complete == key.instant && number != key.instant_number) return false;
  if (operation.invoke == operation.complete && operation.function == Function::read) {
    key.instant = operation.complete;
    key.instant_number = number;
  }
  return true;
}

bool Sieve::meets_older(const ScannedOperation& operation, const KeyState& key, std::int64_t number) {
  const auto met = number == nothing_there ? std::nullopt : std::optional(number);
  return key.recent.newer_since(met) <= operation.invoke;
}

void Sieve::count(const Looked& one, KeyState& key, std::int64_t number, std::optional<Origin> origin) {
  if (key.suspect) return;
  const bool ranked = key.numbering == KeyState::Numbering::ranked;
  const bool known = origin.has_value() || !(wait_for_all_ || (ranked && rules_.known != KnownOrder::nothing));
  const Waiting operation{one.operation->invoke, ranked && number == nothing_there ? 0 : number, one.session,
                          origin.value_or(0),    one.operation->function == Function::write,     known};
  if (!known || key.waiting != 0) return wait(key, operation);
  count(key, operation);
}

void Sieve::count(KeyState& key, const Waiting& operation) {
  SessionSlot& slot = session_slot(key, operation.session);
  if (key.numbering == KeyState::Numbering::ranked) return count_ranked(slot, key, operation);
  count_numbered(slot, key, operation);
}

SessionSlot& Sieve::session_slot(KeyState& key, std::uint32_t session) {
  SessionSlot& slot = key.sessions.at(
      session + 1, [&](const SessionSlot& held) { return held.session == session + 1; }, rules_.seed, memory_);
  slot.session = session + 1;
  return slot;
}

/// Numbers say how any two versions stand to each other.
void Sieve::count_numbered(SessionSlot& slot, KeyState& key, const Waiting& operation) {
  const std::int64_t number = operation.number;
  const bool owed_writes = !slot.written.empty();
  const bool owed_reads = !slot.read.empty();
  const std::int64_t newest = std::max(owed_writes ? slot.written.newest_number() : nothing_there,
                                       owed_reads ? slot.read.newest_number() : nothing_there);
  if (number < newest || (operation.write && number == newest)) return suspect(key);
  const auto known = [](bool owed) { return owed ? Owing::known_by_facts : Owing::nothing; };
  if (operation.write) {
    ++key.writes[owed_writes ? 1 : 0][owed_reads ? 1 : 0];
  } else {
    ++key.reads[static_cast<std::size_t>(known(owed_writes))][static_cast<std::size_t>(known(owed_reads))];
  }
  if (exposed_ && !count_at_risk(slot, key, operation, known(owed_writes), known(owed_reads))) return suspect(key);
  if (number != nothing_there) (operation.write ? slot.written : slot.read).push_number(number);
}

/// Nothing but an assumption orders these versions. That of two writes orders nothing for the sake of writes, so that
/// only reads count.
void Sieve::count_ranked(SessionSlot& slot, KeyState& key, const Waiting& operation) {
  const auto number = static_cast<std::uint32_t>(operation.number);
  const bool write_last = key.place(slot.written.newest()) > key.place(slot.read.newest());
  const std::uint32_t newest = write_last ? slot.written.newest() : slot.read.newest();
  if (operation.write && number == newest) return suspect(key);
  if (key.place(number) < key.place(newest)) {
    if (newest != number + 1 || !key.swap_with_next(number)) return suspect(key);
  } else if (number == newest + 1 && newest > 0) {
    key.recent.show_order(number);
  }
  Owing written = Owing::unknown;
  Owing read = Owing::unknown;
  if (!operation.write) {
    written = slot.written.owing(number, operation.origin, rules_.known);
    read = slot.read.owing(number, operation.origin, rules_.known);
    ++key.reads[static_cast<std::size_t>(written)][static_cast<std::size_t>(read)];
  }
  if (exposed_ && !count_at_risk(slot, key, operation, written, read)) return suspect(key);
  if (number > 0) (operation.write ? slot.written : slot.read).push(number, operation.origin, rules_.known);
}

}  // namespace afterwrite
