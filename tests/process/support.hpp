#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <system_error>
#include <vector>

#include "harness/process/command.hpp"
#include "harness/process/process_tree.hpp"

namespace afterwrite {

/// A folder for one test's files.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "process-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// $TMPDIR is this folder while it lives.
class TemporaryFilesIn {
 public:
  explicit TemporaryFilesIn(const std::filesystem::path& folder) {
    if (const char* before = ::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  TemporaryFilesIn(const TemporaryFilesIn&) = delete;
  TemporaryFilesIn& operator=(const TemporaryFilesIn&) = delete;
  ~TemporaryFilesIn() {
    if (before_.empty()) {
      ::unsetenv("TMPDIR");
    } else {
      ::setenv("TMPDIR", before_.c_str(), 1);
    }
  }

 private:
  std::string before_;
};

inline Command shell(const std::string& script) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script};
  return command;
}

inline std::chrono::steady_clock::time_point in(std::chrono::steady_clock::duration duration) {
  return std::chrono::steady_clock::now() + duration;
}

/// Far away: whoever waits that long has hung.
inline std::chrono::steady_clock::time_point patience() {
  return in(std::chrono::seconds(60));
}

template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = patience();
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

inline std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline bool has_line(const std::filesystem::path& file, const std::string& wanted) {
  std::istringstream lines(contents(file));
  for (std::string line; std::getline(lines, line);) {
    if (line == wanted) return true;
  }
  return false;
}

/// Gone, or a zombie that its new parent has yet to reap.
inline bool gone(pid_t pid) {
  const auto stat = read_stat(pid);
  return !stat || stat->state == 'Z' || stat->state == 'X';
}

/// Whether there is a segment of System V shared memory with this id.
inline bool segment_exists(int id) {
  shmid_ds segment{};
  return ::shmctl(id, IPC_STAT, &segment) == 0;
}

/// The numbers in `file` behind `name` and a blank, one a line: the pids that a script has written.
inline std::vector<pid_t> numbers(const std::filesystem::path& file, std::string_view name) {
  std::vector<pid_t> found;
  std::istringstream lines(contents(file));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ' ') {
      found.push_back(std::stoi(line.substr(name.size())));
    }
  }
  return found;
}

}  // namespace afterwrite
