#pragma once

#include <ctime>
#include <sys/types.h>
#include <vector>

namespace afterwrite {

/// Removes the segments of System V shared memory that the processes `makers` made at or after the time `since` and that nobody
/// uses any more. The kernel keeps such a segment when its maker is killed; a PostgreSQL server has one. The time is there because
/// a pid may have had another owner before.
///
/// Call it when the makers have ended. Any thread may call; what cannot be removed stays.
void remove_shared_memory(const std::vector<pid_t>& makers, std::time_t since) noexcept;

}  // namespace afterwrite
