#pragma once

#include <cstddef>

namespace afterwrite {

/// Longest line that is accepted, in bytes; in formats whose operations are no lines, the longest operation.
inline constexpr std::size_t max_line_bytes = 16U << 20U;

}  // namespace afterwrite
