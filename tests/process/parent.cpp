// A program with a watchdog, to be killed by the tests.
//
//   test_process_parent FOLDER ENDING WHAT...
//   test_process_parent hold-memory
//
// Starts what it is told and writes into FOLDER/parent what it has (`watchdog PID`, `child PID`, `folder PATH`), then
// `ready`. ENDING: wait (until it is killed), return (in order), exit (at once, destructors of what it has not run).
// WHAT: orderly, stubborn, suspended and family are children, each with its output in FOLDER/WHAT; folder is a private
// folder with something in it; storm starts and ends children in several threads for ever; memory is a child that is
// this program with `hold-memory`: it makes a segment of shared memory, says so (`segment ID`, `ready`) and does not stop.

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <thread>
#include <unistd.h>

#include "harness/process/child.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/process/watchdog.hpp"
#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

std::string script_of(const std::string& what) {
  const std::string forever = "while :; do sleep 0.05; done";
  if (what == "orderly") return "trap 'echo in order; exit 0' INT; echo ready; " + forever;
  if (what == "stubborn") return "trap '' INT TERM QUIT HUP; echo ready; " + forever;
  if (what == "suspended") return "trap 'echo in order; exit 0' INT; echo ready; " + forever;
  if (what == "family") {
    // One member ignores every polite signal, in a session of its own; one is suspended.
    return "setsid sh -c \"trap '' INT TERM QUIT HUP; echo member \\$\\$; echo started; " + forever +
           "\" & sh -c 'echo member $$; echo started; kill -STOP $$; " + forever +
           "' & while [ $(grep -c started \"$LOG\") -lt 2 ]; do sleep 0.01; done; echo ready; wait";
  }
  throw std::runtime_error("what is " + what + "?");
}

[[noreturn]] void hold_memory() {
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP})
    ::signal(number, SIG_IGN);
  const int segment = ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  if (segment < 0 || ::shmat(segment, nullptr, 0) == reinterpret_cast<void*>(-1)) throw std::runtime_error("no segment");
  std::cout << "segment " << segment << "\nready\n" << std::flush;
  for (;;)
    ::pause();
}

Command command_of(const std::string& what) {
  if (what != "memory") return shell(script_of(what));
  Command command;
  command.program = std::filesystem::read_symlink("/proc/self/exe");
  command.arguments = {"hold-memory"};
  return command;
}

Child start(const std::filesystem::path& folder, const std::string& what) {
  auto command = command_of(what);
  command.output = folder / what;
  command.environment["LOG"] = command.output;
  command.stop_signal = SIGINT;
  Child child(command);
  if (!eventually([&] { return has_line(command.output, "ready"); })) throw std::runtime_error(what + " is not ready");
  if (what == "suspended") child.signal(SIGSTOP);
  return child;
}

void fill(const std::filesystem::path& folder, const std::filesystem::path& outside) {
  std::filesystem::create_directories(folder / "data/base");
  std::ofstream(folder / "data/base/1") << "row\n";
  std::filesystem::create_directory_symlink(outside, folder / "data/link");
}

[[noreturn]] void storm(std::ofstream& report) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([] {
      for (;;) {
        std::vector<Child> children;
        for (int j = 0; j < 5; ++j)
          children.emplace_back(shell("exec sleep 1000"));
      }
    });
  }
  report << "ready\n" << std::flush;
  for (;;)
    ::pause();
}

int run(const std::filesystem::path& folder, const std::string& ending, const std::vector<std::string>& wanted) {
  Watchdog::instance().start();
  std::ofstream report(folder / "parent");
  report << "watchdog " << Watchdog::instance().pid() << '\n';
  auto children = std::make_unique<std::vector<Child>>();
  auto folders = std::make_unique<std::vector<PrivateFolder>>();
  for (const auto& what : wanted) {
    if (what == "storm") storm(report);
    if (what == "folder") {
      folders->emplace_back();
      fill(folders->back().path(), folder / "outside");
      report << "folder " << folders->back().path().string() << '\n';
    } else {
      children->push_back(start(folder, what));
      report << "child " << children->back().pid() << '\n';
    }
  }
  report << "ready\n" << std::flush;
  if (ending == "wait") {
    for (;;)
      ::pause();
  }
  if (ending == "exit") {
    // Never destroyed, but still reachable, so that no leak checker minds.
    static auto* const kept_children = children.release();
    static auto* const kept_folders = folders.release();
    if (kept_children != nullptr && kept_folders != nullptr) std::exit(0);
  }
  return 0;
}

}  // namespace
}  // namespace afterwrite

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  try {
    if (words == std::vector<std::string>{"hold-memory"}) afterwrite::hold_memory();
    if (words.size() < 2) return 64;
    return afterwrite::run(words[0], words[1], {words.begin() + 2, words.end()});
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
