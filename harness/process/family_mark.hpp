#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/process/process_tree.hpp"

namespace afterwrite {

/// The variable that each child's environment holds. What a child starts inherits it, so that it is found when its
/// parent has ended and it leads a session of its own; only who empties its environment as well is lost.
inline constexpr const char* family_variable = "AFTERWRITE_FAMILY";

/// What the marks of all children of this process begin with. Any thread may call.
const std::string& family_mark_prefix();

/// A mark that no other child has. Any thread may call.
std::string new_family_mark();

/// The mark of a process; empty if it has none, or may not be looked at.
std::string family_mark_of(pid_t pid);

/// Every process whose mark begins so, as they are now; those that have ended aside.
std::vector<ProcessHandle> family_marked(std::string_view beginning);

/// SIGKILL to all of them, until none is left or the deadline has passed. Returns their pids.
std::vector<pid_t> end_family_marked(std::string_view beginning, std::chrono::steady_clock::time_point deadline);

}  // namespace afterwrite
