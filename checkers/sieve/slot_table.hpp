#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "checkers/sieve/block_memory.hpp"

namespace afterwrite {

/// A small hash table, one of very many: sixteen bytes while it is empty, and little room to spare when it is not. Its
/// slots lie in a block of a BlockMemory, which each call that may change it is given and which outlives it.
///
/// Slot: trivially copyable, all zero where it is empty, with `bool empty() const`, `std::uint32_t hash(std::uint64_t
/// seed) const` and `static std::uint32_t place(std::uint32_t hash, std::uint32_t capacity)`; `spare`: one slot in so
/// many stays empty; `alone`: a slot lies in one line of the cache, and the ones behind it are seldom looked at. Belongs to
/// one thread.
template <typename Slot>
class SlotTable {
  static_assert(std::is_trivially_copyable_v<Slot>);

 public:
  /// To be called some time before at(): the slot is then on its way from memory.
  /// Inlined by force: gcc 12 takes a call of a function that does nothing but fetch for one that does nothing.
  [[gnu::always_inline]] void prefetch(std::uint32_t hash) const {
    if (capacity_ == 0) return;
    const auto* const slot = reinterpret_cast<const char*>(slots_ + Slot::place(hash, capacity_));
    __builtin_prefetch(slot, 1);
    // It may not end where it begins, and the next ones are looked at too.
    if constexpr (!Slot::alone) __builtin_prefetch(slot + 63, 1);
  }

  /// The slot for which `is_it` says so, or an empty one to be filled in at once. Good until the next call. `seed` is
  /// that of `hash`.
  template <typename Is>
  Slot& at(std::uint32_t hash, const Is& is_it, std::uint64_t seed, BlockMemory& memory) {
    if (capacity_ > 0) {
      Slot& slot = probe(hash, is_it);
      if (!slot.empty()) return slot;
      if (used_ + 1 < most_used()) {
        ++used_;
        return slot;
      }
    }
    grow(seed, memory);
    ++used_;
    return probe(hash, is_it);
  }

  void clear(BlockMemory& memory) noexcept {
    if (capacity_ > 0) memory.give_back(slots_, bytes());
    *this = {};
  }

 private:
  /// One slot at least stays empty.
  static constexpr std::size_t first_bytes = std::max(BlockMemory::smallest, std::bit_ceil(2 * sizeof(Slot)));

  std::uint32_t most_used() const { return capacity_ - capacity_ / Slot::spare; }
  std::size_t bytes() const { return std::bit_ceil(capacity_ * sizeof(Slot)); }

  template <typename Is>
  Slot& probe(std::uint32_t hash, const Is& is_it) {
    std::uint32_t at = Slot::place(hash, capacity_);
    while (!slots_[at].empty() && !is_it(slots_[at]))
      at = at + 1 == capacity_ ? 0 : at + 1;
    return slots_[at];
  }

  [[gnu::noinline]] void grow(std::uint64_t seed, BlockMemory& memory) {
    SlotTable larger;
    const std::size_t more = capacity_ == 0 ? first_bytes : 2 * bytes();
    larger.slots_ = static_cast<Slot*>(memory.take(more));
    larger.capacity_ = static_cast<std::uint32_t>(more / sizeof(Slot));
    larger.used_ = used_;
    for (std::uint32_t i = 0; i < capacity_; ++i) {
      if (!slots_[i].empty()) larger.probe(slots_[i].hash(seed), [](const Slot&) { return false; }) = slots_[i];
    }
    clear(memory);
    *this = larger;
  }

  Slot* slots_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t used_ = 0;
};

}  // namespace afterwrite
