#include "harness/process/piped_child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "harness/process/launch.hpp"

namespace afterwrite {

namespace {

constexpr std::size_t piece = 64 * 1024;

/// SIGPIPE is blocked in this thread while it lives, and one that was raised meanwhile is taken away.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    pending_before_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;
  ~NoBrokenPipeSignal() {
    const timespec at_once{};
    while (!pending_before_ && ::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool pending_before_ = false;
};

/// Reads what is there. Positive: so many bytes; 0: the other end is closed; negative: nothing now.
ssize_t read_available(const Descriptor& from, char* to, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(from.get(), to, size);
    if (got >= 0) return got;
    if (errno == EINTR) continue;
    return errno == EAGAIN ? -1 : 0;
  }
}

}  // namespace

/// Both ends of the three. Ours do not block; the child's do, as programs expect.
struct PipedChild::Pipes {
  std::array<Descriptor, 3> ours;
  std::array<Descriptor, 3> theirs;

  explicit Pipes(const Command& command) {
    for (std::size_t stream = 0; stream < ours.size(); ++stream) {
      int ends[2] = {-1, -1};
      if (::pipe2(ends, O_CLOEXEC) == 0) {
        const bool writes = stream == STDIN_FILENO;
        ours[stream] = above_stdio(Descriptor(ends[writes ? 1 : 0]));
        theirs[stream] = above_stdio(Descriptor(ends[writes ? 0 : 1]));
      }
      if (!ours[stream] || !theirs[stream] || ::fcntl(ours[stream].get(), F_SETFL, O_NONBLOCK) < 0) {
        throw ProcessError(
            fmt::format("cannot start {}: no pipe to it: {}", command.program.string(), std::strerror(errno)));
      }
    }
  }

  ChildStreams streams() const { return {theirs[0].get(), theirs[1].get(), theirs[2].get()}; }
};

PipedChild::PipedChild(const Command& command, std::size_t longest_line,
                       std::function<void(std::string_view)> on_error_output)
    : PipedChild(command, longest_line, std::move(on_error_output), Pipes(command)) {}

PipedChild::PipedChild(const Command& command, std::size_t longest_line,
                       std::function<void(std::string_view)> on_error_output, Pipes pipes)
    : longest_line_(longest_line),
      on_error_output_(std::move(on_error_output)),
      input_(std::move(pipes.ours[0])),
      output_(std::move(pipes.ours[1])),
      errors_(std::move(pipes.ours[2])),
      child_(command, pipes.streams()) {}

PipedChild::~PipedChild() {
  try {
    kill();
  } catch (...) {
    // Out of memory or descriptors: the Child's own destructor ends it.
  }
}

void PipedChild::send(std::string_view line) {
  unwritten_.erase(0, written_);
  written_ = 0;
  line_begin_ = unwritten_.size();
  unwritten_.append(line);
  unwritten_.push_back('\n');
}

PipedChild::Heard PipedChild::hear(std::string& line, Clock::time_point deadline) {
  for (bool time_left = true;; time_left = pump(deadline)) {
    if (take_line(line)) return Heard::line;
    if (heard_.size() > longest_line_) return Heard::too_long;
    if (!output_) return Heard::ended;
    if (!time_left) return Heard::silence;
  }
}

bool PipedChild::quiet() {
  if (heard_.empty()) pump(Clock::time_point());
  return output_ && heard_.empty();
}

bool PipedChild::take_line(std::string& line) {
  const auto end = heard_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = heard_.size();
    return false;
  }
  line.assign(heard_, 0, end);
  heard_.erase(0, end + 1);
  searched_ = 0;
  return true;
}

/// Serves the pipes once, as soon as there is something to do. False from the deadline on.
bool PipedChild::pump(Clock::time_point deadline) {
  using std::chrono::milliseconds;
  const bool to_write = input_ && written_ < unwritten_.size();
  // A negative descriptor is passed over.
  std::array<pollfd, 4> entries{pollfd{to_write ? input_.get() : -1, POLLOUT, 0}, pollfd{output_.get(), POLLIN, 0},
                                pollfd{errors_.get(), POLLIN, 0}, pollfd{child_.process_.pidfd.get(), POLLIN, 0}};
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
  // An hour at a time: a deadline of "never" does not fit poll's int.
  const auto timeout = std::clamp(left, milliseconds(0), milliseconds(3'600'000));
  if (::poll(entries.data(), entries.size(), static_cast<int>(timeout.count())) > 0) {
    if (entries[0].revents != 0) write_some();
    if (entries[2].revents != 0) read_errors();
    const bool has_ended = entries[3].revents != 0;
    // Once it has ended it says nothing more, though a process that it started may hold its stdout open.
    if ((entries[1].revents != 0 || has_ended) && !read_some() && has_ended) output_.close();
  }
  return Clock::now() < deadline;
}

void PipedChild::write_some() {
  const NoBrokenPipeSignal blocked;
  const ssize_t size = ::write(input_.get(), unwritten_.data() + written_, unwritten_.size() - written_);
  if (size >= 0) {
    written_ += static_cast<std::size_t>(size);
  } else if (errno != EAGAIN && errno != EINTR) {
    input_.close();  // it reads no more; it may still have something to say
  }
}

bool PipedChild::read_some() {
  char text[piece];
  const ssize_t size = read_available(output_, text, sizeof text);
  if (size > 0) heard_.append(text, static_cast<std::size_t>(size));
  if (size == 0) output_.close();
  return size > 0;
}

bool PipedChild::read_errors() {
  char text[piece];
  const ssize_t size = read_available(errors_, text, sizeof text);
  if (size > 0 && on_error_output_) on_error_output_({text, static_cast<std::size_t>(size)});
  if (size == 0) errors_.close();
  return size > 0;
}

std::optional<ExitStatus> PipedChild::ended(Clock::time_point deadline) {
  if (!wait_readable(child_.process_.pidfd.get(), deadline)) return std::nullopt;
  // What it left behind in its process group. Until it is reaped the group's number is its own.
  if (!child_.status_) ::kill(-child_.pid(), SIGKILL);
  const auto status = child_.wait_until(Clock::time_point());
  child_.end_family();
  return status;
}

ExitStatus PipedChild::finish(std::chrono::nanoseconds grace) {
  const auto deadline = Clock::now() + grace;
  input_.close();
  // Somebody has to take what it still writes, or it would wait for that.
  while (output_ && Clock::now() < deadline && pump(deadline))
    heard_.clear();
  wait_readable(child_.process_.pidfd.get(), deadline);
  return kill();
}

ExitStatus PipedChild::kill() {
  const auto status = ended(Clock::time_point());
  const ExitStatus result = status ? *status : child_.kill();
  // Bounded: whoever still writes to it is none of ours.
  for (int pieces = 0; errors_ && pieces < 16 && read_errors(); ++pieces) {
  }
  return result;
}

}  // namespace afterwrite
