#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "harness/process/child.hpp"
#include "harness/process/descriptor.hpp"

namespace afterwrite {

/// A child that is spoken to line by line: lines to its stdin, lines from its stdout, and what it writes to stderr.
/// Ends, is reaped and is known to the watchdog as a Child is.
///
/// No member waits longer than its deadline, whatever the child does or leaves undone: the pipes are non-blocking, and
/// all three are served at once. Memory is bounded by `longest_line`. stderr is taken while somebody waits for a line;
/// in between a child that writes much to it has to wait.
///
/// One thread at a time may use an object; any thread may create one.
class PipedChild {
 public:
  using Clock = std::chrono::steady_clock;

  /// What came of waiting for a line.
  enum class Heard {
    line,
    silence,   ///< the deadline passed
    ended,     ///< the process has ended, or has closed its stdout: no line will come
    too_long,  ///< more than `longest_line` bytes without a line's end
  };

  /// Starts it. `on_error_output` is given what it writes to stderr, in pieces, by the thread that calls a member.
  /// Throws ProcessError as Child does; Command::output is not looked at.
  PipedChild(const Command& command, std::size_t longest_line, std::function<void(std::string_view)> on_error_output);
  PipedChild(const PipedChild&) = delete;
  PipedChild& operator=(const PipedChild&) = delete;
  ~PipedChild();

  pid_t pid() const { return child_.pid(); }

  /// Takes a line (without its end) to be written while hear() waits; what was not written of an earlier one goes
  /// first.
  void send(std::string_view line);

  /// Whether the child may have got anything of the last line that was sent.
  bool begun() const { return written_ > line_begin_; }

  /// Waits for a line of its stdout and puts it, without its end, into `line`.
  Heard hear(std::string& line, Clock::time_point deadline);

  /// Looks, without waiting, whether it has ended or has said something that nobody has heard yet.
  bool quiet();

  /// What it has said and nobody has heard, at most `limit` bytes of it.
  std::string_view unheard(std::size_t limit) const { return std::string_view(heard_).substr(0, limit); }

  /// Closes its stdin and waits for it to end by itself; kills it after `grace`. Nothing of it or of what it started is
  /// left. After the end it only tells how that was.
  ExitStatus finish(std::chrono::nanoseconds grace);

  /// SIGKILL at once, see Child::kill(); takes what is left on stderr.
  ExitStatus kill();

  /// How it ended; nothing if it still runs at the deadline. Nothing that it started is left then.
  std::optional<ExitStatus> ended(Clock::time_point deadline);

 private:
  struct Pipes;
  PipedChild(const Command& command, std::size_t longest_line, std::function<void(std::string_view)> on_error_output,
             Pipes pipes);

  bool pump(Clock::time_point deadline);
  void write_some();
  bool read_some();
  bool read_errors();
  bool take_line(std::string& line);

  std::size_t longest_line_;
  std::function<void(std::string_view)> on_error_output_;
  Descriptor input_;   // the write end of its stdin; none once it takes nothing more
  Descriptor output_;  // the read end of its stdout; none once it was closed at the other end
  Descriptor errors_;
  std::string unwritten_;
  std::size_t written_ = 0;     // bytes of unwritten_ that are with the child
  std::size_t line_begin_ = 0;  // where in unwritten_ the last line begins
  std::string heard_;
  std::size_t searched_ = 0;  // bytes of heard_ without a line's end
  Child child_;               // last: what it needs is there before it starts
};

}  // namespace afterwrite
