#pragma once

namespace afterwrite {

/// Set by CMake from the project's version.
inline constexpr const char* version = AFTERWRITE_VERSION;

}  // namespace afterwrite
