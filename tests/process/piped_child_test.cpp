#include "harness/process/piped_child.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "harness/process/process_tree.hpp"
#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Heard = PipedChild::Heard;

constexpr std::size_t longest_line = 1024 * 1024;

Clock::time_point far_off() {
  return Clock::now() + 60s;
}

Command shell(const std::string& script) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script};
  return command;
}

/// A shell script that is spoken to, and what it wrote to stderr.
struct Script {
  std::string errors;
  PipedChild child;

  explicit Script(const std::string& script)
      : child(shell(script), longest_line, [this](std::string_view text) { errors += text; }) {}

  std::string hear() {
    std::string line;
    return child.hear(line, far_off()) == Heard::line ? line : "(no line)";
  }
};

TEST(PipedChild, answers_lines) {
  Script script(R"(while read -r line; do echo "got $line"; done)");
  for (const std::string line : {"one", "two three", ""}) {
    script.child.send(line);
    EXPECT_EQ(script.hear(), "got " + line);
  }
  EXPECT_TRUE(script.child.quiet());
  EXPECT_TRUE(script.child.finish(60s).ok());
}

TEST(PipedChild, carries_more_than_a_pipe_holds) {
  Script script("exec cat");
  const std::string line(900'000, 'x');
  script.child.send(line);
  EXPECT_TRUE(script.hear() == line);
}

/// The pid of a process that the child has started, in a session of its own and with a parent that is gone.
pid_t detached_by(Script& script) {
  script.child.send("go");
  return std::stoi(script.hear());
}
constexpr const char* detaches = "read -r line; setsid -w sh -c 'sleep 600 </dev/null >/dev/null 2>&1 & echo $!'";

bool ends(pid_t pid) {
  const auto process = open_process(pid);
  return !process || wait_readable(process->pidfd.get(), far_off());
}

TEST(PipedChild, what_it_started_ends_with_it_though_it_is_detached) {
  {
    Script finished(std::string(detaches) + "; read -r line");
    const pid_t pid = detached_by(finished);
    finished.child.finish(60s);
    EXPECT_TRUE(ends(pid));
  }
  {
    Script ended(detaches);
    const pid_t pid = detached_by(ended);
    ASSERT_TRUE(ended.child.ended(far_off()));
    EXPECT_TRUE(ends(pid));
  }
  Script killed(std::string(detaches) + "; read -r line");
  const pid_t pid = detached_by(killed);
  killed.child.kill();
  EXPECT_TRUE(ends(pid));
}

TEST(PipedChild, silence_ends_at_the_deadline) {
  Script script("exec sleep 600");
  std::string line;
  const auto deadline = Clock::now() + 50ms;
  EXPECT_EQ(script.child.hear(line, deadline), Heard::silence);
  EXPECT_GE(Clock::now(), deadline);
}

TEST(PipedChild, one_that_never_reads_gets_part_of_a_long_line) {
  Script script("exec sleep 600");
  EXPECT_FALSE(script.child.begun());
  script.child.send(std::string(900'000, 'x'));
  EXPECT_FALSE(script.child.begun());
  std::string line;
  EXPECT_EQ(script.child.hear(line, Clock::now() + 50ms), Heard::silence);
  EXPECT_TRUE(script.child.begun());
  // What waits in front of a line is none of that line.
  script.child.send("next");
  EXPECT_EQ(script.child.hear(line, Clock::now() + 50ms), Heard::silence);
  EXPECT_FALSE(script.child.begun());
  EXPECT_EQ(script.child.kill().signal, SIGKILL);
}

TEST(PipedChild, ended_tells_how) {
  Script script("echo last words; exit 7");
  EXPECT_EQ(script.hear(), "last words");
  std::string line;
  EXPECT_EQ(script.child.hear(line, far_off()), Heard::ended);
  EXPECT_EQ(script.child.finish(60s).code, 7);
  EXPECT_FALSE(script.child.quiet());
}

TEST(PipedChild, writing_to_one_that_has_ended_raises_no_signal) {
  Script script("exit 0");
  std::string line;
  EXPECT_EQ(script.child.hear(line, far_off()), Heard::ended);
  script.child.send("anyone?");
  EXPECT_EQ(script.child.hear(line, far_off()), Heard::ended);
  EXPECT_FALSE(script.child.begun());
}

TEST(PipedChild, closing_stdout_is_an_end) {
  Script script("exec >&-; exec sleep 600");
  std::string line;
  EXPECT_EQ(script.child.hear(line, far_off()), Heard::ended);
  EXPECT_FALSE(script.child.ended(Clock::time_point()));
  EXPECT_EQ(script.child.finish(0s).signal, SIGKILL);
}

TEST(PipedChild, its_end_is_seen_although_its_stdout_stays_open) {
  // The process in the background holds stdout.
  Script script("sleep 600 & echo $!; exit 3");
  const pid_t left_behind = std::stoi(script.hear());
  std::string line;
  EXPECT_EQ(script.child.hear(line, far_off()), Heard::ended);
  EXPECT_EQ(script.child.finish(60s).code, 3);
  const auto process = open_process(left_behind);
  EXPECT_TRUE(!process || wait_readable(process->pidfd.get(), far_off()));
}

TEST(PipedChild, flood_without_a_line_end) {
  Script script("exec tr '\\0' x < /dev/zero");
  std::string line;
  EXPECT_EQ(script.child.hear(line, far_off()), Heard::too_long);
  EXPECT_LT(script.child.unheard(SIZE_MAX).size(), 2 * longest_line);
}

TEST(PipedChild, flood_on_stderr_hinders_nobody) {
  Script script("head -c 3000000 /dev/zero >&2; echo done");
  EXPECT_EQ(script.hear(), "done");
  EXPECT_EQ(script.errors.size(), 3'000'000U);
}

TEST(PipedChild, endless_stderr_keeps_the_deadline) {
  std::size_t bytes = 0;
  PipedChild child(shell("cat /dev/zero >&2; :"), longest_line, [&](std::string_view text) { bytes += text.size(); });
  std::string line;
  EXPECT_EQ(child.hear(line, Clock::now() + 50ms), Heard::silence);
  EXPECT_GT(bytes, 0U);
}

TEST(PipedChild, last_words_on_stderr_are_kept) {
  Script script("echo why >&2; exit 1");
  std::string line;
  EXPECT_EQ(script.child.hear(line, far_off()), Heard::ended);
  script.child.finish(60s);
  EXPECT_EQ(script.errors, "why\n");
}

TEST(PipedChild, what_was_said_unasked_is_noticed) {
  Script script("read -r line; echo one; echo two; read -r line");
  script.child.send("go");
  EXPECT_EQ(script.hear(), "one");
  const auto deadline = far_off();
  while (script.child.quiet() && Clock::now() < deadline) {
  }
  EXPECT_EQ(script.child.unheard(100), "two\n");
}

TEST(PipedChild, no_descriptor_reaches_another_child) {
  Script first("exec cat");
  Script second("exec cat");
  // The first one ends at the end of its input, although the second was started after it.
  EXPECT_TRUE(first.child.finish(60s).ok());
}

TEST(PipedChild, no_such_program) {
  Command command;
  command.program = "/nonexistent/adapter";
  EXPECT_THROW(PipedChild(command, longest_line, {}), ProcessError);
}

}  // namespace
}  // namespace afterwrite
