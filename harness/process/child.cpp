#include "harness/process/child.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <sys/wait.h>
#include <utility>

#include "harness/process/family_mark.hpp"
#include "harness/process/launch.hpp"
#include "harness/process/shared_memory.hpp"

namespace afterwrite {

namespace {

using Clock = std::chrono::steady_clock;

/// How long the kernel may take to end processes that were sent SIGKILL; only one that hangs in a device takes long.
constexpr auto killed_within = std::chrono::seconds(5);
/// How long processes are given to be stopped before they are killed.
constexpr auto frozen_within = std::chrono::milliseconds(200);

void kill_all(std::vector<ProcessHandle>& processes, std::time_t since) {
  std::vector<pid_t> makers;
  for (const auto& process : processes) {
    send_signal(process, SIGKILL);
    makers.push_back(process.pid);
  }
  wait_ended(processes, Clock::now() + killed_within);
  remove_shared_memory(makers, since);
}

Command marked(Command command, const std::string& mark) {
  command.environment[family_variable] = mark;
  return command;
}

}  // namespace

std::string ExitStatus::describe() const {
  if (signal == 0) return fmt::format("exit code {}", code);
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("ended by SIG{}", name) : fmt::format("ended by signal {}", signal);
}

Child::Child(const Command& command) : Child(command, open_output(command)) {}

Child::Child(const Command& command, const Descriptor& output)
    : Child(command, ChildStreams{.input = -1, .output = output.get(), .error = output.get()}) {}

Child::Child(const Command& command, const ChildStreams& streams)
    : started_(std::time(nullptr)),
      mark_(new_family_mark()),
      process_(launch(marked(command, mark_), streams)),
      stop_signal_(command.stop_signal) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    release();
    started_ = other.started_;
    mark_ = std::move(other.mark_);
    process_ = std::move(other.process_);
    stop_signal_ = other.stop_signal_;
    status_ = other.status_;
  }
  return *this;
}

Child::~Child() {
  release();
}

void Child::release() noexcept {
  if (!process_.pidfd) return;
  try {
    if (status_)
      end_family();
    else
      kill();
  } catch (...) {
    // Out of memory or descriptors while looking for descendants: at least this one ends.
    if (status_) return;
    send_signal(process_, SIGKILL);
    ::waitpid(process_.pid, nullptr, 0);
  }
}

bool Child::running() {
  return !wait_until(Clock::time_point());
}

std::optional<ExitStatus> Child::wait_until(Clock::time_point deadline) {
  if (status_) return status_;
  if (!wait_readable(process_.pidfd.get(), deadline)) return std::nullopt;
  int how = 0;
  pid_t reaped = -1;
  do {
    reaped = ::waitpid(process_.pid, &how, 0);
  } while (reaped < 0 && errno == EINTR);
  status_.emplace();
  if (reaped < 0) {
    status_->code = -1;  // somebody else reaped it
  } else if (WIFSIGNALED(how)) {
    status_->signal = WTERMSIG(how);
  } else {
    status_->code = WEXITSTATUS(how);
  }
  return status_;
}

void Child::signal(int number) {
  if (!status_) send_signal(process_, number);
}

void Child::end_family() {
  if (mark_.empty()) return;
  const std::vector<pid_t> makers = end_family_marked(mark_, Clock::now() + killed_within);
  mark_.clear();
  if (!makers.empty()) remove_shared_memory(makers, started_);
}

ExitStatus Child::kill() {
  if (status_) return *status_;
  auto family = freeze(process_, Clock::now() + frozen_within);
  send_signal(process_, SIGKILL);
  // Its process group too, with those whose parent has ended. Not reaped yet, it keeps the group's number ours.
  ::kill(-process_.pid, SIGKILL);
  kill_all(family, started_);
  const ExitStatus status = wait_until(Clock::time_point::max()).value();
  remove_shared_memory({process_.pid}, started_);
  end_family();
  return status;
}

ExitStatus Child::stop(std::chrono::nanoseconds grace) {
  if (status_) return *status_;
  auto family = descendants(process_);
  send_signal(process_, stop_signal_);
  send_signal(process_, SIGCONT);
  for (const auto& process : family)
    send_signal(process, SIGCONT);
  if (!wait_until(Clock::now() + grace)) kill();
  kill_all(family, started_);
  end_family();
  return *status_;
}

}  // namespace afterwrite
