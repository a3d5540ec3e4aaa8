#pragma once

#include "tests/results/made_up.hpp"

namespace afterwrite {

/// Any history and anything that could be found in it, consistent only in that indices lie within it. To be called
/// inside a property.
MadeUp any_judgement();

}  // namespace afterwrite
