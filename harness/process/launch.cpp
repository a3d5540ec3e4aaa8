#include "harness/process/launch.hpp"

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/close_range.h>
#include <map>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "harness/process/account_home.hpp"
#include "harness/process/error.hpp"
#include "harness/process/signals_blocked.hpp"
#include "harness/process/watch_message.hpp"
#include "harness/process/watchdog.hpp"

namespace afterwrite {

namespace {

namespace process = boost::process;

enum class Step : int { fork, session, output, descriptors, watchdog, account, folder, program };

/// What a child that could not get to its program tells us.
struct Failure {
  Step step = Step::program;
  int error = 0;
};

/// What the child needs between fork and exec, made ready before: no memory may be allocated there, because another
/// thread may have held the allocator's lock when we forked.
struct Setup {
  ChildStreams streams;
  int report = -1;  // write end; closed by a successful exec
  int watchdog = -1;
  int stop_signal = 0;
  const char* folder = nullptr;
  const Account* account = nullptr;
};

[[noreturn]] void fail(const Setup& setup, Step step) noexcept {
  const Failure failure{step, errno};
  [[maybe_unused]] const auto written = ::write(setup.report, &failure, sizeof failure);
  ::_exit(127);
}

/// Ours may block signals and have handlers; a program starts with neither. All signals are blocked when this is
/// called.
void reset_signals() noexcept {
  struct sigaction ignore {};
  struct sigaction standard {};
  ignore.sa_handler = SIG_IGN;
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    // Ignoring drops a signal that is pending: a Ctrl-C in the moment before the child left the terminal's session.
    ::sigaction(number, &ignore, nullptr);
    ::sigaction(number, &standard, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// The raw calls: glibc's wrappers would speak to the other threads, which a fork does not have.
bool drop_to(const Account& account) noexcept {
  return ::syscall(SYS_setgroups, 0, nullptr) == 0 && ::syscall(SYS_setgid, account.gid) == 0 &&
         ::syscall(SYS_setuid, account.uid) == 0;
}

/// Runs in the child. Async-signal-safe.
void set_up_child(const Setup& setup) noexcept {
  if (::setsid() < 0) fail(setup, Step::session);
  if (::dup2(setup.streams.input, STDIN_FILENO) < 0 || ::dup2(setup.streams.output, STDOUT_FILENO) < 0 ||
      ::dup2(setup.streams.error, STDERR_FILENO) < 0) {
    fail(setup, Step::output);
  }
  if (::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0) fail(setup, Step::descriptors);
  reset_signals();
  if (setup.watchdog >= 0 && !announce_self(setup.watchdog, setup.stop_signal)) fail(setup, Step::watchdog);
  if (setup.account != nullptr && !drop_to(*setup.account)) fail(setup, Step::account);
  if (setup.folder != nullptr && ::chdir(setup.folder) < 0) fail(setup, Step::folder);
}

std::string describe(const Command& command, const Failure& failure) {
  const std::string reason = std::strerror(failure.error);
  const std::string as = command.account ? fmt::format(" as user {}", command.account->name) : std::string();
  const std::string start = fmt::format("cannot start {}{}: ", command.program.string(), as);
  switch (failure.step) {
    case Step::fork:
      return start + "fork: " + reason;
    case Step::session:
      return start + "no session of its own: " + reason;
    case Step::output:
      return start + "cannot redirect its output: " + reason;
    case Step::descriptors:
      return start + "close_range: " + reason + "; Linux 5.11 or newer is needed";
    case Step::watchdog:
      return start + "the watchdog process is gone, so that nothing would end it if we were killed: " + reason;
    case Step::account:
      return start + "cannot change to that user: " + reason;
    case Step::folder:
      return start + fmt::format("cannot enter {}: {}", command.folder.string(), reason);
    case Step::program:
      break;
  }
  return start + reason;
}

/// An environment as execve takes it.
class Environment {
 public:
  explicit Environment(const Command& command) {
    // Not Boost's class: looking a name up there reads past the end of shorter entries.
    std::map<std::string, std::string> values;
    if (command.account) {
      values = {{"HOME", account_home(*command.account)},
                {"USER", command.account->name},
                {"LOGNAME", command.account->name}};
    }
    for (const auto& [name, value] : command.environment)
      values[name] = value;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view inherited = *entry;
      if (!values.contains(std::string(inherited.substr(0, inherited.find('='))))) entries_.emplace_back(inherited);
    }
    for (const auto& [name, value] : values)
      entries_.push_back(fmt::format("{}={}", name, value));
    for (auto& entry : entries_)
      pointers_.push_back(entry.data());
    pointers_.push_back(nullptr);
  }

  char** data() { return pointers_.data(); }

 private:
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

/// A child whose parent ignores SIGCHLD is reaped by the kernel, and how it ended is lost. Whoever started us may have
/// left it so.
void keep_exit_codes() {
  struct sigaction now {};
  if (::sigaction(SIGCHLD, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) ::signal(SIGCHLD, SIG_DFL);
}

/// Throws only what Boost's constructors throw in the parent; the child never returns from here.
pid_t fork_and_execute(const Command& command, const Setup& setup, std::error_code& fork_error) {
  Environment environment(command);
  // The child enters its folder before it executes: a relative path is meant from ours.
  const std::string program = std::filesystem::absolute(command.program);
  const SignalsBlocked blocked;
  // ignore_error: Boost's own error pipe loses the text of an error and leaves a zombie, so we have one ourselves.
  process::child started(
      process::exe = program, process::args = command.arguments, process::ignore_error,
      process::extend::on_setup([&](auto& executor) { executor.env = environment.data(); }),
      process::extend::on_fork_error([&](auto&, const std::error_code& error) { fork_error = error; }),
      process::extend::on_exec_setup([&setup](auto&) { set_up_child(setup); }),
      process::extend::on_exec_error([&setup](auto&, const std::error_code&) { fail(setup, Step::program); }));
  const pid_t pid = started.id();
  // From here it is ours: Boost's terminate() loses the exit code and its wait_for() changes the handler of SIGCHLD.
  started.detach();
  return pid;
}

Descriptor open_above_stdio(const std::filesystem::path& file, int flags) {
  return above_stdio(Descriptor(::open(file.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0644)));
}

}  // namespace

Descriptor open_output(const Command& command) {
  if (command.output.empty()) return open_above_stdio("/dev/null", O_WRONLY);
  auto output = open_above_stdio(command.output, O_WRONLY | O_APPEND | O_CREAT);
  if (!output) {
    throw ProcessError(fmt::format("cannot start {}: cannot write its output to {}: {}", command.program.string(),
                                   command.output.string(), std::strerror(errno)));
  }
  return output;
}

ProcessHandle launch(const Command& command, const ChildStreams& streams) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) < 0) throw ProcessError(describe(command, {Step::descriptors, errno}));
  Descriptor report = above_stdio(Descriptor(ends[0]));
  Descriptor child_report = above_stdio(Descriptor(ends[1]));
  const Descriptor null = open_above_stdio("/dev/null", O_RDONLY);
  if (!report || !child_report || !null || streams.output < 0 || streams.error < 0)
    throw ProcessError(describe(command, {Step::output, errno}));

  Setup setup;
  setup.streams = streams;
  if (setup.streams.input < 0) setup.streams.input = null.get();
  setup.report = child_report.get();
  setup.watchdog = Watchdog::instance().running() ? Watchdog::instance().descriptor() : -1;
  setup.stop_signal = command.stop_signal;
  setup.folder = command.folder.empty() ? nullptr : command.folder.c_str();
  setup.account = command.account ? &*command.account : nullptr;

  keep_exit_codes();
  std::error_code fork_error;
  const pid_t pid = fork_and_execute(command, setup, fork_error);
  if (fork_error) throw ProcessError(describe(command, {Step::fork, fork_error.value()}));
  child_report.close();

  Failure failure;
  ssize_t size = 0;
  do {
    size = ::read(report.get(), &failure, sizeof failure);
  } while (size < 0 && errno == EINTR);
  auto handle = open_process(pid);
  if (size == 0 && handle) return std::move(*handle);

  if (size == 0) failure = {Step::descriptors, errno};
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  throw ProcessError(describe(command, failure));
}

}  // namespace afterwrite
