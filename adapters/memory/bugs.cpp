#include "adapters/memory/bugs.hpp"

#include <algorithm>

#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::memory {

const std::vector<MemoryBug>& memory_bugs() {
  static const std::vector<MemoryBug> table{
      {"stale-follower", "a follower says that it has applied a position when it has not",
       "--read-policy version-token --lag 500ms", "read-your-writes, monotonic-reads"},
      {"lost-on-failover", "a promoted follower has lost the last second, though it had it",
       "--read-policy leader --opt sync=all --fault failover@4s", "read-your-writes, monotonic-reads"},
      {"sticky-moves", "now and then the follower that lags most answers in place of the one that was asked",
       "--read-policy sticky-replica --lag 500ms", "monotonic-reads"},
      {"early-acknowledgement", "writes are acknowledged before the followers applied them, though sync=all",
       "--read-policy any-replica --lag 300ms --opt sync=all", "read-your-writes"},
      {"lost-write", "now and then the leader acknowledges a write and forgets it",
       "--read-policy leader --read-delay 1ms..100ms", "read-your-writes"},
      {"reapply", "now and then a follower applies an older write once more, after the newer one",
       "--read-policy sticky-replica --lag 200ms --keys 4 --read-delay 1ms..100ms", "monotonic-reads"},
      {"time-travel", "a follower that was killed comes back with the state of 5 seconds ago, and stays there for 2",
       "--read-policy sticky-replica --followers 1 --lag 200ms --fault kill:follower-1@4s..5s", "monotonic-reads"},
      {"dirty-read", "now and then the leader shows a write for a moment that then fails",
       "--read-policy leader --keys 2 --read-delay 1ms..20ms", "aborted-read"},
      {"phantom", "now and then a read returns what nobody wrote", "--read-policy leader", "phantom-read"},
      {"list-reorder", "now and then a list is shown with its last two elements swapped",
       "--workload append --read-policy leader", "incompatible-order"},
  };
  return table;
}

Bug parse_bug(std::string_view name) {
  if (name == "none") return Bug::none;
  const auto& table = memory_bugs();
  const auto row = std::find_if(table.begin(), table.end(), [&](const MemoryBug& bug) { return bug.name == name; });
  if (row != table.end()) return static_cast<Bug>(1 + (row - table.begin()));

  std::vector<std::string> known{"none"};
  for (const MemoryBug& bug : table)
    known.emplace_back(bug.name);
  throw UsageError("--opt bug=" + std::string(name) + ": unknown bug '" + std::string(name) + "'" +
                   known_names_hint(name, known));
}

std::string_view to_string(Bug bug) {
  if (bug == Bug::none) return "none";
  return memory_bugs()[static_cast<std::size_t>(bug) - 1].name;
}

}  // namespace afterwrite::memory
