#include "harness/process/process_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <unordered_map>
#include <unordered_set>

namespace afterwrite {

namespace {

using Clock = std::chrono::steady_clock;

/// The fields after the name, which is in brackets and may itself hold blanks and brackets.
std::optional<ProcessStat> parse_stat(std::string_view text) noexcept {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= text.size()) return std::nullopt;
  text.remove_prefix(name_end + 2);
  constexpr int parent_field = 1;
  constexpr int start_field = 19;
  ProcessStat stat;
  stat.state = text.front();
  for (int field = 0; field <= start_field; ++field) {
    const auto end = std::min(text.find(' '), text.size());
    if (end == 0) return std::nullopt;
    const char* const first = text.data();
    const char* const last = first + end;
    if (field == parent_field && std::from_chars(first, last, stat.parent).ec != std::errc()) return std::nullopt;
    if (field == start_field && std::from_chars(first, last, stat.start).ec != std::errc()) return std::nullopt;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return stat;
}

std::unordered_multimap<pid_t, pid_t> children_by_parent() {
  std::unordered_multimap<pid_t, pid_t> children;
  for (const pid_t pid : process_ids()) {
    if (const auto stat = read_stat(pid)) children.emplace(stat->parent, pid);
  }
  return children;
}

bool stopped_or_dead(const ProcessHandle& process) {
  const auto stat = read_stat(process.pid);
  return has_ended(process) || !stat || std::string_view("TtZX").find(stat->state) != std::string_view::npos;
}

}  // namespace

std::optional<ProcessStat> read_stat(const char* file) noexcept {
  const int descriptor = ::open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  char text[1024];
  ssize_t size = 0;
  do {
    size = ::read(descriptor, text, sizeof text);
  } while (size < 0 && errno == EINTR);
  ::close(descriptor);
  if (size <= 0) return std::nullopt;
  return parse_stat(std::string_view(text, static_cast<std::size_t>(size)));
}

std::optional<ProcessStat> read_stat(pid_t pid) {
  return read_stat(("/proc/" + std::to_string(pid) + "/stat").c_str());
}

std::vector<pid_t> process_ids() {
  std::vector<pid_t> pids;
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    pid_t pid = -1;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem == std::errc() && end == name.data() + name.size()) pids.push_back(pid);
  }
  return pids;
}

std::optional<ProcessHandle> open_process(pid_t pid) {
  // By number, here and below: the header of glibc 2.36 declares these two without extern "C".
  const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) return std::nullopt;
  return ProcessHandle{pid, Descriptor(descriptor)};
}

bool send_signal(const ProcessHandle& process, int number) noexcept {
  return process.pidfd && ::syscall(SYS_pidfd_send_signal, process.pidfd.get(), number, nullptr, 0) == 0;
}

bool has_ended(const ProcessHandle& process) {
  return wait_readable(process.pidfd.get(), Clock::time_point());
}

bool wait_ended(std::vector<ProcessHandle>& processes, Clock::time_point deadline) {
  // One after the other is enough: all of them have to end.
  for (auto& process : processes) {
    if (!wait_readable(process.pidfd.get(), deadline)) break;
  }
  std::erase_if(processes, has_ended);
  return processes.empty();
}

std::vector<ProcessHandle> descendants(const ProcessHandle& root) {
  const auto children = children_by_parent();
  // It lived until here, so its pid was its own while we looked.
  if (has_ended(root)) return {};
  std::vector<ProcessHandle> found;
  std::unordered_set<pid_t> seen{root.pid};
  std::vector<pid_t> parents{root.pid};
  while (!parents.empty()) {
    const pid_t parent = parents.back();
    parents.pop_back();
    const auto [first, last] = children.equal_range(parent);
    for (auto child = first; child != last; ++child) {
      auto process = open_process(child->second);
      // Looked at again with the handle in hand: it is still a child of that parent, not a later user of the pid.
      const auto stat = read_stat(child->second);
      if (!process || !stat || stat->parent != parent || has_ended(*process)) continue;
      if (!seen.insert(child->second).second) continue;
      parents.push_back(child->second);
      found.push_back(std::move(*process));
    }
  }
  return found;
}

std::vector<ProcessHandle> freeze(const ProcessHandle& root, Clock::time_point deadline) {
  send_signal(root, SIGSTOP);
  std::vector<ProcessHandle> frozen;
  for (;;) {
    // A stop takes effect a moment after it was sent; a fork under way may still finish before that.
    const bool settled = stopped_or_dead(root) && std::all_of(frozen.begin(), frozen.end(), stopped_or_dead);
    std::size_t added = 0;
    for (auto& process : descendants(root)) {
      const auto same = [&](const ProcessHandle& known) { return known.pid == process.pid; };
      if (std::any_of(frozen.begin(), frozen.end(), same)) continue;
      send_signal(process, SIGSTOP);
      frozen.push_back(std::move(process));
      ++added;
    }
    if ((settled && added == 0) || Clock::now() >= deadline) return frozen;
    if (added == 0) ::poll(nullptr, 0, 1);
  }
}

}  // namespace afterwrite
