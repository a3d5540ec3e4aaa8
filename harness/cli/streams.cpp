#include "harness/cli/streams.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace afterwrite {

namespace {

int first_failure = 0;
bool stdout_closed = false;

void remember_failure() noexcept {
  if (first_failure == 0) first_failure = errno;
}

}  // namespace

void open_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // open() gives the lowest number that is free, and those below are taken by now.
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    stdout_closed = stdout_closed || descriptor == STDOUT_FILENO;
    static_cast<void>(::open("/dev/null", O_RDWR));
  }
  // A reader that went away, and a file that may not grow: writing fails with an error, and that is told.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void say(std::string_view text) noexcept {
  // By one call, so that the lines of threads do not mix; unbuffered, as stderr is.
  if (std::fwrite(text.data(), 1, text.size(), stderr) != text.size()) std::clearerr(stderr);
}

void print(std::string_view text) noexcept {
  if (first_failure == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) remember_failure();
}

bool stdout_was_closed() { return stdout_closed; }

bool takes_escapes(int descriptor) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(descriptor) != 0 && (terminal == nullptr || std::string_view(terminal) != "dumb");
}

bool wants_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  return takes_escapes(descriptor) && (no_colour == nullptr || *no_colour == '\0');
}

std::optional<TerminalSize> terminal_size(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return TerminalSize{.columns = size.ws_col, .rows = size.ws_row};
}

std::optional<std::string> stdout_failure() {
  if (first_failure == 0 && std::fflush(stdout) != 0) remember_failure();
  if (first_failure == 0 || first_failure == EPIPE) return std::nullopt;
  return std::strerror(first_failure);
}

}  // namespace afterwrite
