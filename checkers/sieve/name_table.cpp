#include "checkers/sieve/name_table.hpp"

#include <algorithm>
#include <cstring>

namespace afterwrite {

namespace {

constexpr std::size_t first_slots = 256;
constexpr std::size_t piece_bytes = 64U << 10U;

}  // namespace

NameTable::NameTable() : slots_(first_slots), mask_(first_slots - 1) {}

std::uint32_t NameTable::number(std::string_view name, std::uint64_t hash) {
  const std::size_t near = std::min(name.size(), whole_in_slot);
  const auto [first, last] = ends_of(name.data(), near);
  const auto length = static_cast<std::uint32_t>(name.size());
  for (std::uint64_t i = hash & mask_;; i = (i + 1) & mask_) {
    Slot& slot = slots_[i];
    if (slot.number == 0) {
      names_.push_back(keep(name));
      hashes_.push_back(hash);
      slot = {first, last, length, size()};
      if (2 * names_.size() > slots_.size()) grow();
      return size() - 1;
    }
    if (slot.first == first && slot.last == last && slot.size == length &&
        (near == name.size() || names_[slot.number - 1] == name)) {
      return slot.number - 1;
    }
  }
}

std::string_view NameTable::keep(std::string_view name) {
  if (name.size() > left_) {
    left_ = std::max(piece_bytes, name.size());
    pieces_.push_back(std::make_unique<char[]>(left_));
    next_ = pieces_.back().get();
  }
  if (!name.empty()) std::memcpy(next_, name.data(), name.size());
  const std::string_view kept(next_, name.size());
  next_ += name.size();
  left_ -= name.size();
  return kept;
}

void NameTable::grow() {
  slots_.assign(2 * slots_.size(), {});
  mask_ = slots_.size() - 1;
  for (std::uint32_t i = 0; i < size(); ++i) {
    std::uint64_t at = hashes_[i] & mask_;
    while (slots_[at].number != 0)
      at = (at + 1) & mask_;
    const auto [first, last] = ends_of(names_[i].data(), std::min(names_[i].size(), whole_in_slot));
    slots_[at] = {first, last, static_cast<std::uint32_t>(names_[i].size()), i + 1};
  }
}

}  // namespace afterwrite
