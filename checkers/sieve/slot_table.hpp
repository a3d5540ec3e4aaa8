#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace afterwrite {

/// A small hash table, one of very many: sixteen bytes while it is empty, and little room to spare when it is not.
///
/// Slot: trivially copyable, all zero where it is empty, with `bool empty() const`, `std::uint32_t hash(std::uint64_t
/// seed) const`, `static std::uint32_t place(std::uint32_t hash, std::uint32_t capacity)` and `static std::uint32_t
/// more(std::uint32_t capacity)`, the next capacity; `spare`: one slot in so many stays empty. Belongs to one thread.
template <typename Slot>
class SlotTable {
  static_assert(std::is_trivially_copyable_v<Slot>);

 public:
  SlotTable() = default;
  ~SlotTable() { std::free(slots_); }
  SlotTable(SlotTable&& other) noexcept { swap(other); }
  SlotTable& operator=(SlotTable&& other) noexcept {
    SlotTable(std::move(other)).swap(*this);
    return *this;
  }

  /// To be called some time before at(): the slot is then on its way from memory.
  /// Inlined by force: gcc 12 takes a call of a function that does nothing but fetch for one that does nothing.
  [[gnu::always_inline]] void prefetch(std::uint32_t hash) const {
    if (capacity_ == 0) return;
    const auto* const slot = reinterpret_cast<const char*>(slots_ + Slot::place(hash, capacity_));
    __builtin_prefetch(slot, 1);
    __builtin_prefetch(slot + 63, 1);  // it may not end where it begins, and the next ones are looked at too
  }

  /// The slot for which `is_it` says so, or an empty one to be filled in at once. Good until the next call. `seed` is
  /// that of `hash`.
  template <typename Is>
  Slot& at(std::uint32_t hash, const Is& is_it, std::uint64_t seed) {
    if (capacity_ > 0) {
      Slot& slot = probe(hash, is_it);
      if (!slot.empty()) return slot;
      if (used_ + 1 < most_used()) {
        ++used_;
        return slot;
      }
    }
    grow(seed);
    ++used_;
    return probe(hash, is_it);
  }

 private:
  std::uint32_t most_used() const { return capacity_ - capacity_ / Slot::spare; }

  template <typename Is>
  Slot& probe(std::uint32_t hash, const Is& is_it) {
    std::uint32_t at = Slot::place(hash, capacity_);
    while (!slots_[at].empty() && !is_it(slots_[at]))
      at = at + 1 == capacity_ ? 0 : at + 1;
    return slots_[at];
  }

  void grow(std::uint64_t seed) {
    SlotTable larger;
    larger.capacity_ = Slot::more(capacity_);
    larger.slots_ = static_cast<Slot*>(std::calloc(larger.capacity_, sizeof(Slot)));
    if (larger.slots_ == nullptr) throw std::bad_alloc();
    larger.used_ = used_;
    for (std::uint32_t i = 0; i < capacity_; ++i) {
      if (!slots_[i].empty()) larger.probe(slots_[i].hash(seed), [](const Slot&) { return false; }) = slots_[i];
    }
    swap(larger);
  }

  void swap(SlotTable& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(capacity_, other.capacity_);
    std::swap(used_, other.used_);
  }

  Slot* slots_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t used_ = 0;
};

}  // namespace afterwrite
