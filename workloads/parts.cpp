#include "workloads/parts.hpp"

#include <algorithm>
#include <cmath>

namespace afterwrite::workloads {

std::size_t writers_of(std::size_t count, double observers_share) {
  if (count == 0) return 0;
  const auto observers = static_cast<std::size_t>(std::lround(static_cast<double>(count) * observers_share));
  return count - std::min(observers, count - 1);
}

std::vector<std::size_t> keys_of(std::size_t ordinal, std::size_t writers, std::size_t keys) {
  if (ordinal >= keys) return {ordinal % keys};
  std::vector<std::size_t> own;
  for (std::size_t key = ordinal; key < keys; key += writers)
    own.push_back(key);
  return own;
}

}  // namespace afterwrite::workloads
