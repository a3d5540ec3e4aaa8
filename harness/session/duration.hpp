#pragma once

#include <string>
#include <string_view>

#include "harness/session/clock.hpp"

namespace afterwrite {

/// Reads `500ms`, `2s`, `1.5s`, `250us`, `3m`, `0` (a unit is required otherwise). Throws UsageError that names `what` (e.g.
/// "--lag"), the text, and the accepted form. Negative and overflowing durations are refused.
Duration parse_duration(std::string_view text, std::string_view what);

/// The shortest exact form that parse_duration reads back: `500ms`, `2s`, `1.5s`.
std::string format_duration(Duration duration);

}  // namespace afterwrite
