#include "harness/process/shared_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sys/ipc.h>
#include <sys/shm.h>

namespace afterwrite {

namespace {

/// The beginning of a row of /proc/sysvipc/shm.
struct Segment {
  long long key = 0;
  int id = -1;
  unsigned permissions = 0;
  unsigned long long size = 0;
  pid_t maker = -1;
  pid_t last_user = -1;
};

}  // namespace

void remove_shared_memory(const std::vector<pid_t>& makers, std::time_t since) noexcept try {
  std::ifstream table("/proc/sysvipc/shm");
  const auto next_line = [&] { table.ignore(std::numeric_limits<std::streamsize>::max(), '\n'); };
  next_line();  // the heading
  for (Segment row; table >> row.key >> row.id >> std::oct >> row.permissions >> std::dec >> row.size >> row.maker >> row.last_user;
       next_line()) {
    if (std::find(makers.begin(), makers.end(), row.maker) == makers.end()) continue;
    shmid_ds segment{};
    if (::shmctl(row.id, IPC_STAT, &segment) != 0) continue;
    // Asked of the segment itself: the id may mean another one by now.
    if (segment.shm_cpid != row.maker || segment.shm_ctime < since || segment.shm_nattch != 0) continue;
    ::shmctl(row.id, IPC_RMID, nullptr);
  }
} catch (...) {
  return;  // out of memory
}

}  // namespace afterwrite
