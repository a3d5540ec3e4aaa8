#pragma once

#include <cstddef>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// Delays that people can read off an axis and write into a rule: 0, and from 1 ms on the forty preferred numbers a
/// decade of ISO 3 (R40: 800, 850, 900, 950 ms, 1 s, 1.06 s ...). Bound 0 is 0, bound 1 is 1 ms.
double delay_bound_ms(std::size_t number);

/// The greatest bound that is no more than the delay, which is not negative.
std::size_t delay_bound_below(Nanoseconds delay);

}  // namespace afterwrite
