#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/process/child.hpp"
#include "harness/process/launch.hpp"
#include "harness/process/log_tail.hpp"

namespace afterwrite {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t lines_in_message = 10;
constexpr auto look_for_stop = std::chrono::milliseconds(20);

/// Where a command writes, and how to read what it wrote.
struct Capture {
  Descriptor write;
  Descriptor read;
  off_t begin = 0;  // what an output file held before
};

Capture open_capture(const Command& command) {
  Capture capture;
  if (command.output.empty()) {
    capture.write = above_stdio(Descriptor(::memfd_create("output", MFD_CLOEXEC)));
    capture.read = Descriptor(::fcntl(capture.write.get(), F_DUPFD_CLOEXEC, 0));
  } else {
    capture.write = open_output(command);
    capture.read = Descriptor(::open(command.output.c_str(), O_RDONLY | O_CLOEXEC));
  }
  struct stat before {};
  if (!capture.read || ::fstat(capture.read.get(), &before) < 0) {
    throw ProcessError(
        fmt::format("cannot start {}: cannot capture its output: {}", command.program.string(), std::strerror(errno)));
  }
  capture.begin = before.st_size;
  return capture;
}

/// By position: the file's own offset is shared with the command.
std::string read_capture(const Capture& capture) {
  std::string text;
  char block[16 * 1024];
  for (;;) {
    const auto position = capture.begin + static_cast<off_t>(text.size());
    const ssize_t size = ::pread(capture.read.get(), block, sizeof block, position);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(block, static_cast<std::size_t>(size));
  }
}

/// Nothing if it has not ended when the deadline comes or `stop` is requested.
std::optional<ExitStatus> wait_for_end(Child& child, Clock::time_point deadline, const std::stop_token& stop) {
  if (!stop.stop_possible()) return child.wait_until(deadline);
  for (;;) {
    if (const auto status = child.wait_until(std::min(deadline, Clock::now() + look_for_stop))) return status;
    if (stop.stop_requested() || Clock::now() >= deadline) return std::nullopt;
  }
}

}  // namespace

std::string run_command(const Command& command, Clock::time_point deadline, const std::stop_token& stop) {
  const auto begin = Clock::now();
  const Capture capture = open_capture(command);
  Child child(command, capture.write);
  const auto status = wait_for_end(child, deadline, stop);
  if (!status) child.kill();
  std::string output = read_capture(capture);
  if (status && status->ok()) return output;

  const std::chrono::duration<double> lasted = Clock::now() - begin;
  const std::string how = status                  ? status->describe()
                          : stop.stop_requested() ? "stopped by the user"
                                                  : fmt::format("not done after {:.1f} s, killed", lasted.count());
  const std::string last = last_lines_of(output, lines_in_message);
  throw ProcessError(
      fmt::format("{}: {}{}{}", command.program.string(), how, last.empty() ? ", no output" : "\n", last));
}

}  // namespace afterwrite
