#include "checkers/sieve/key_state.hpp"

#include <algorithm>

namespace afterwrite {

bool KeyState::is_swapped(std::uint32_t number) const {
  return std::binary_search(swapped.begin(), swapped.end(), number);
}

bool KeyState::swap_with_next(std::uint32_t number) {
  // Each changes places once.
  if (number == 0 || is_swapped(number - 1) || is_swapped(number) || is_swapped(number + 1)) return false;
  if (!recent.swap_with_next(number)) return false;
  swapped.insert(std::upper_bound(swapped.begin(), swapped.end(), number), number);
  return true;
}

}  // namespace afterwrite
