#include "harness/process/family_mark.hpp"

#include <atomic>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace afterwrite {

const std::string& family_mark_prefix() {
  // With its start time a pid is never another process's.
  static const std::string prefix = [] {
    const auto stat = read_stat(::getpid());
    return fmt::format("{}.{}.", ::getpid(), stat ? stat->start : 0);
  }();
  return prefix;
}

std::string new_family_mark() {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}{};", family_mark_prefix(), ++count);
}

std::string family_mark_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/environ", pid), std::ios::binary);
  const std::string environment{std::istreambuf_iterator<char>(file), {}};
  const std::string name = fmt::format("{}=", family_variable);
  for (std::size_t at = 0; at < environment.size();) {
    const std::size_t end = std::min(environment.find('\0', at), environment.size());
    if (environment.compare(at, name.size(), name) == 0)
      return environment.substr(at + name.size(), end - at - name.size());
    at = end + 1;
  }
  return {};
}

std::vector<ProcessHandle> family_marked(std::string_view beginning) {
  std::vector<ProcessHandle> found;
  for (const pid_t pid : process_ids()) {
    if (!family_mark_of(pid).starts_with(beginning)) continue;
    // Looked at again with the handle in hand: not a later user of the pid.
    auto process = open_process(pid);
    if (process && family_mark_of(pid).starts_with(beginning) && !has_ended(*process))
      found.push_back(std::move(*process));
  }
  return found;
}

std::vector<pid_t> end_family_marked(std::string_view beginning, std::chrono::steady_clock::time_point deadline) {
  std::vector<pid_t> ended;
  do {
    // Again, until a look finds none: what was started meanwhile has the mark too.
    std::vector<ProcessHandle> family = family_marked(beginning);
    if (family.empty()) break;
    for (const ProcessHandle& process : family) {
      send_signal(process, SIGKILL);
      ended.push_back(process.pid);
    }
    wait_ended(family, deadline);
  } while (std::chrono::steady_clock::now() < deadline);
  return ended;
}

}  // namespace afterwrite
