#pragma once

#include "adapters/memory/bugs.hpp"
#include "adapters/memory/memory.hpp"

namespace afterwrite::memory {

/// The options, understood.
struct Settings {
  std::vector<Duration> lag;  ///< of each follower
  Duration latency{0};        ///< of a call, there and back
  bool versions = true;       ///< replies bear the version of what was written or read
  bool sync_all = false;      ///< a write is acknowledged once all followers have applied it
  Bug bug = Bug::none;
  std::uint64_t seed = 0;
};

/// Throws UsageError: see make_memory().
Settings parse_settings(const MemoryOptions& options);

}  // namespace afterwrite::memory
