#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

namespace afterwrite::exec {

/// The file that tells what adapters wrote to stderr, and where they broke the protocol. Any thread may call.
class AdapterLog {
 public:
  static constexpr std::size_t limit = std::size_t{16} * 1024 * 1024;

  /// Appends to `file`; empty: writes nowhere. Throws EnvironmentError if it cannot be opened.
  explicit AdapterLog(const std::filesystem::path& file);

  /// Writes one line, with `who` in front. From `limit` bytes on nothing more.
  void write(std::string_view who, std::string_view line);

 private:
  std::mutex mutex_;
  std::ofstream file_;
  std::size_t written_ = 0;
};

/// What one process writes to stderr: hands whole lines to the log and keeps the end. One thread at a time.
class ErrorOutput {
 public:
  ErrorOutput(AdapterLog& log, std::string who) : log_(log), who_(std::move(who)) {}

  void take(std::string_view text);

  /// Its last lines as one, for messages; empty if it wrote nothing.
  std::string tail() const;

 private:
  AdapterLog& log_;
  std::string who_;
  std::string line_;  ///< begun
  std::string tail_;
};

}  // namespace afterwrite::exec
