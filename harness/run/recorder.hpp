#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "harness/history/history.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite {

/// Who is told of every record, in the order of the file, once it has been written: the live view, live judging. Called
/// on the recorder's own thread, outside of its lock; a slow one slows the run, one that throws is not called again
/// (see problems()). Members that are empty are not called.
struct RecordListener {
  std::function<void(const Operation&)> operation;
  std::function<void(const FaultEvent&)> fault;
  std::function<void(const LagSample&)> lag;
};

/// Writes history.jsonl while the run goes: takes records from any thread and has one thread of its own that formats,
/// writes and flushes them at least every `flush_interval`, so that a killed run can still be checked.
///
/// A disk that refuses does not throw: the recorder remembers why (error()), calls `on_failure` once, and from then on
/// only counts. What stands in the file then ends with a whole line, and has no footer.
class Recorder {
 public:
  static constexpr Duration flush_interval = std::chrono::milliseconds(40);
  /// Records that may wait for the writer; above it complete() waits for room, so that a slow disk costs time and not
  /// memory.
  static constexpr std::size_t usual_most_waiting = 1U << 18U;

  /// Opens `file` (what was in it is lost) and writes the header. Throws EnvironmentError if that cannot be done.
  /// `on_failure` is called from the recorder's thread, with the text of error().
  Recorder(std::filesystem::path file, const Header& header, RunClock clock, RecordListener listener = {},
           std::function<void(const std::string&)> on_failure = {}, std::size_t most_waiting = usual_most_waiting);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  /// Without finish() the file is left without a footer: truncated, but with every record that was taken.
  ~Recorder();

  /// Takes an operation that has just come back: stamps `complete` and gives it its place in the order, both under one
  /// lock, so that the lines are in order of completion and an operation that came back before another was invoked
  /// stands earlier. Returns the stamp. Any thread; not after finish().
  Nanoseconds complete(Operation&& operation);
  /// The same for operations that have come back together: one stamp, and places next to each other. They are moved from.
  Nanoseconds complete(std::span<Operation> operations);

  /// Takes a fault event or lag sample; its time was stamped by the caller. Any thread; not after finish().
  void fault(FaultEvent event);
  void lag(LagSample sample);

  /// Writes everything that waits, and the footer with `more` in it. Returns once the file is closed. One thread, once,
  /// when no other uses the recorder any more. Never throws for the disk: see error().
  void finish(const nlohmann::json& more = nlohmann::json::object());

  /// Operations that were taken, whether or not they could be written. Any thread.
  std::uint64_t operations() const { return operations_.load(std::memory_order_relaxed); }
  /// Operations that stand in the file. Any thread.
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  /// Why the file could not be written any further: file and cause; nothing if all is well. Any thread.
  std::optional<std::string> error() const;
  /// What else went wrong, e.g. a listener that threw. Any thread.
  std::vector<std::string> problems() const;

 private:
  using Record = std::variant<Operation, FaultEvent, LagSample>;

  void put(Record record);
  void close(std::optional<nlohmann::json> footer);
  void write_until_closed();
  void write_batch(const std::vector<Record>& batch);
  void write_chunk(const Record* begin, const Record* end);
  void tell(const Record& record);
  bool write_text(const std::string& text);
  void fail(int cause);
  void close_file();

  const std::filesystem::path file_;
  const RunClock clock_;
  const RecordListener listener_;
  const std::function<void(const std::string&)> on_failure_;
  const std::size_t most_waiting_;

  std::atomic<std::uint64_t> operations_{0};
  std::atomic<std::uint64_t> written_{0};

  mutable std::mutex mutex_;  // guards the members down to the blank line
  std::condition_variable filled_;
  std::condition_variable drained_;
  std::vector<Record> queue_;
  bool closing_ = false;
  std::optional<nlohmann::json> footer_;
  std::optional<std::string> error_;
  std::vector<std::string> problems_;

  // The writer thread's own, once it runs.
  int descriptor_ = -1;
  std::int64_t whole_bytes_ = 0;  // the file's length up to its last whole line
  std::uint64_t index_ = 0;       // of the next operation line
  std::string text_;
  bool failed_ = false;
  bool listener_failed_ = false;
  std::jthread writer_;
};

}  // namespace afterwrite
