#include "checkers/sieve/cleared.hpp"

namespace afterwrite {

Cleared& Cleared::operator+=(const Cleared& other) {
  for (std::size_t i = 0; i < owing_count; ++i) {
    for (std::size_t k = 0; k < owing_count; ++k)
      reads[i][k] += other.reads[i][k];
  }
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 2; ++k)
      writes[i][k] += other.writes[i][k];
  }
  assumed |= other.assumed;
  any_operation = any_operation || other.any_operation;
  any_delete = any_delete || other.any_delete;
  return *this;
}

Cleared::Counts Cleared::counts(const Guarantees& set) const {
  Counts all;
  for (std::size_t i = 0; i < owing_count; ++i) {
    for (std::size_t k = 0; k < owing_count; ++k) {
      const Owing written = has(set, Guarantee::read_your_writes) ? static_cast<Owing>(i) : Owing::nothing;
      const Owing read = has(set, Guarantee::monotonic_reads) ? static_cast<Owing>(k) : Owing::nothing;
      if (written == Owing::nothing && read == Owing::nothing) continue;
      if (written == Owing::unknown || read == Owing::unknown || reads[i][k] == 0) continue;
      all.decided += reads[i][k];
      if (written == Owing::known_by_assumption || read == Owing::known_by_assumption) all.assumptions |= assumed;
    }
  }
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 2; ++k) {
      const bool owed =
          (i == 1 && has(set, Guarantee::monotonic_writes)) || (k == 1 && has(set, Guarantee::writes_follow_reads));
      if (owed) all.decided += writes[i][k];
    }
  }
  return all;
}

}  // namespace afterwrite
