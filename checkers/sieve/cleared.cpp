#include "checkers/sieve/cleared.hpp"

#include <algorithm>

namespace afterwrite {

AtRisk& AtRisk::operator+=(const AtRisk& other) {
  for (std::size_t i = 0; i < reads.size(); ++i) {
    reads[i] += other.reads[i];
    writes[i] += other.writes[i];
  }
  return *this;
}

Cleared& Cleared::operator+=(const Cleared& other) {
  for (std::size_t i = 0; i < owing_count; ++i) {
    for (std::size_t k = 0; k < owing_count; ++k)
      reads[i][k] += other.reads[i][k];
  }
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 2; ++k)
      writes[i][k] += other.writes[i][k];
  }
  at_risk += other.at_risk;
  assumed |= other.assumed;
  any_operation = any_operation || other.any_operation;
  any_delete = any_delete || other.any_delete;
  refused.insert(refused.end(), other.refused.begin(), other.refused.end());
  last_complete = std::max(last_complete, other.last_complete);
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
  const auto chains = [&](Guarantee of_writes, Guarantee of_reads) {
    return (has(set, of_writes) ? 1U : 0U) + (has(set, of_reads) ? 2U : 0U);
  };
  all.at_risk = at_risk.reads[chains(Guarantee::read_your_writes, Guarantee::monotonic_reads)] +
                at_risk.writes[chains(Guarantee::monotonic_writes, Guarantee::writes_follow_reads)];
  return all;
}

}  // namespace afterwrite
