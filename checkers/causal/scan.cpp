#include "checkers/causal/scan.hpp"

#include <array>

#include "harness/history/scan/hash.hpp"

namespace afterwrite {

namespace {

constexpr std::size_t first_slots = 256;

bool is_list_operation(const ScannedOperation& operation) {
  return operation.function == Function::append || operation.value == ValueKind::list;
}

}  // namespace

/// An operation with what it is looked up by.
struct CausalScan::Looked {
  const ScannedOperation* operation = nullptr;
  Index number = 0;
  Index key = 0;
  ValueIdentity value;
  std::uint64_t hash = 0;

  /// For tables alone, of a value of a key.
  static std::uint64_t hash_of(Index key, const ValueIdentity& value) {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    return fold_product(value.low ^ (odd * (key + 1)), value.high ^ odd);
  }
};

CausalScan::CausalScan(unsigned threads, std::uint64_t blocks, std::uint64_t seed)
    : seed_(seed),
      values_{fold_product(seed, 0xa0761d6478bd642f), fold_product(~seed, 0xe7037ed1a0b428db)},
      steps_(blocks),
      scanned_by_(blocks) {
  for (unsigned i = 0; i < threads; ++i) {
    scanners_.push_back(std::make_unique<Scanner>());
    owners_.push_back(std::make_unique<Owner>());
    owners_.back()->slots.resize(first_slots);
  }
}

void CausalScan::glance(unsigned thread, const ScannedBlock& block) {
  if (block.operations.empty()) return;
  Scanner& scanner = *scanners_[thread];
  scanned_by_[block.number] = static_cast<std::uint8_t>(thread);
  std::vector<CausalInput::Step>& steps = steps_[block.number];
  steps.reserve(block.operations.size());
  for (const ScannedOperation& operation : block.operations) {
    if (is_list_operation(operation)) throw NotPlain{};
    const Index session = scanner.sessions.number(operation.session, hash_text(operation.session, seed_));
    if (session == scanner.first.size()) scanner.first.push_back((block.number << 32U) + steps.size());
    steps.push_back({operation.invoke, operation.complete, session, operation.outcome == Outcome::info});
    scanner.removes = scanner.removes || operation.function == Function::remove;
  }
}

/// A few at a time, so that what one is looked up in is fetched while the others are looked up.
void CausalScan::take(unsigned number, const ScannedBlock& block, const OwnedOperations& operations) {
  constexpr std::size_t at_once = 16;
  Owner& owner = *owners_[number];
  std::array<Looked, at_once> few;
  for (std::size_t begin = 0; begin < operations.size(); begin += at_once) {
    const std::size_t count = std::min(at_once, operations.size() - begin);
    for (std::size_t i = 0; i < count; ++i) {
      few[i].operation = operations[begin + i];
      few[i].number = static_cast<Index>(block.operations_before +
                                         static_cast<std::uint64_t>(few[i].operation - block.operations.data()));
      owner.keys.prefetch(few[i].operation->key_hash);
    }
    for (std::size_t i = 0; i < count; ++i)
      look_up(owner, few[i]);
    for (std::size_t i = 0; i < count; ++i)
      take(owner, few[i]);
  }
}

void CausalScan::look_up(Owner& owner, Looked& one) const {
  const ScannedOperation& operation = *one.operation;
  one.key = owner.keys.number(operation.key, operation.key_hash);
  if (one.key == owner.first.size()) {
    if (one.key >> key_bits != 0) throw NotPlain{};
    owner.first.push_back(one.number);
    owner.newest.push_back(none);
  }
  if (operation.value == ValueKind::nothing) return;
  one.value =
      operation.value == ValueKind::integer ? identity_of(operation.integer) : identity_of(operation.text, values_);
  one.hash = Looked::hash_of(one.key, one.value);
  if (owner.newest[one.key] != none) __builtin_prefetch(&owner.versions[owner.newest[one.key]], 1);
  __builtin_prefetch(&owner.slots[one.hash & (owner.slots.size() - 1)], 1);
}

void CausalScan::take(Owner& owner, const Looked& one) {
  const ScannedOperation& operation = *one.operation;
  Sight sight{one.number, one.key, none, Sight::Kind::read, operation.outcome == Outcome::ok};
  if (operation.function == Function::remove) {
    sight.kind = operation.outcome == Outcome::fail ? Sight::Kind::failed : Sight::Kind::removal;
  } else if (operation.value != ValueKind::nothing) {
    sight.version = version(owner, one);
    if (operation.function == Function::write) {
      take_write(owner, sight, owner.versions[sight.version], operation.outcome);
    } else if (owner.versions[sight.version].write == none) {
      owner.versions[sight.version].read_first = true;
    }
    if (operation.versioned && sight.kind != Sight::Kind::failed) record(owner, sight, operation);
  } else if (operation.function == Function::write) {
    throw NotPlain{};
  }
  owner.sights.push_back(sight);
}

CausalScan::Index CausalScan::version(Owner& owner, const Looked& one) {
  Index& newest = owner.newest[one.key];
  if (newest != none && owner.versions[newest].value == one.value) return newest;
  for (std::uint64_t at = one.hash;; ++at) {
    Index& slot = owner.slots[at & (owner.slots.size() - 1)];
    if (slot == 0) {
      owner.versions.push_back({one.value, none, one.key & ((1U << key_bits) - 1), false, false, false});
      slot = static_cast<Index>(owner.versions.size());
      newest = slot - 1;
      break;
    }
    const Version& known = owner.versions[slot - 1];
    if (known.value == one.value && known.key == one.key) return newest = slot - 1;
  }
  if (2 * owner.versions.size() > owner.slots.size()) {
    std::vector<Index> larger(2 * owner.slots.size());
    for (Index i = 0; i < owner.versions.size(); ++i) {
      std::uint64_t at = Looked::hash_of(owner.versions[i].key, owner.versions[i].value);
      while (larger[at & (larger.size() - 1)] != 0)
        ++at;
      larger[at & (larger.size() - 1)] = i + 1;
    }
    owner.slots = std::move(larger);
  }
  return newest;
}

void CausalScan::take_write(Owner& owner, Sight& sight, Version& version, Outcome outcome) {
  sight.kind = outcome == Outcome::fail ? Sight::Kind::failed : Sight::Kind::write;
  if (outcome == Outcome::fail) {
    version.failed = true;
  } else if (version.write == none) {
    version.write = sight.operation;
  } else {
    version.duplicate = true;
    owner.odd_keys.insert(sight.key);
  }
}

/// Two recorded versions of one value are an anomaly.
void CausalScan::record(Owner& owner, const Sight& sight, const ScannedOperation& operation) {
  owner.recorded.resize(owner.versions.size());
  owner.is_recorded.resize(owner.versions.size());
  const RecordedVersion version{operation.epoch, operation.version};
  if (owner.is_recorded[sight.version] && owner.recorded[sight.version] != version) owner.odd_keys.insert(sight.key);
  owner.recorded[sight.version] = version;
  owner.is_recorded[sight.version] = true;
}

}  // namespace afterwrite
