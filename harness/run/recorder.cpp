#include "harness/run/recorder.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include "harness/history/writer.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

// So many records are formatted, written, and then told to the listener.
constexpr std::size_t chunk_records = 2048;
// The writer is woken before its interval is over once so many wait.
constexpr std::size_t eager_records = 8192;

std::string complaint(const std::filesystem::path& file, int cause) {
  return fmt::format("cannot write the history {}: {}; free some space there or choose another folder with --out",
                     file.string(), std::strerror(cause));
}

// For the rest of the calling thread's life a write to a full file, or to a pipe that nobody reads, fails with an error
// instead of ending the process (both signals go to the thread that writes).
void block_write_signals() {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGXFSZ);
  sigaddset(&blocked, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

// Returns 0 or errno.
int write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (count == 0) {
      return ENOSPC;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

Recorder::Recorder(std::filesystem::path file, const Header& header, RunClock clock, RecordListener listener,
                   std::function<void(const std::string&)> on_failure, std::size_t most_waiting)
    : file_(std::move(file)),
      clock_(clock),
      listener_(std::move(listener)),
      on_failure_(std::move(on_failure)),
      most_waiting_(most_waiting) {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw EnvironmentError(complaint(file_, errno));
  // The header is written before the run begins, and by the writer (which is safe from the signals of a full disk): a
  // disk that refuses at once is a run that never began.
  int cause = 0;
  {
    std::jthread first([&] {
      block_write_signals();
      text_ = header_line(header) + '\n';
      cause = write_all(descriptor_, text_);
    });
  }
  if (cause != 0) {
    close_file();
    throw EnvironmentError(complaint(file_, cause));
  }
  whole_bytes_ = static_cast<std::int64_t>(text_.size());
  queue_.reserve(eager_records);
  try {
    writer_ = std::jthread([this] { write_until_closed(); });
  } catch (...) {
    close_file();
    throw;
  }
}

Recorder::~Recorder() {
  if (writer_.joinable()) close(std::nullopt);
}

Nanoseconds Recorder::complete(Operation&& operation) {
  return complete(std::span(&operation, 1));
}

Nanoseconds Recorder::complete(std::span<Operation> operations) {
  std::unique_lock lock(mutex_);
  assert(!closing_ && "an operation came back after the history was closed");
  const Nanoseconds stamp = clock_.now();
  for (Operation& operation : operations) {
    operation.complete = stamp;
    queue_.emplace_back(std::move(operation));
    if (queue_.size() == std::min(eager_records, most_waiting_)) filled_.notify_one();
  }
  operations_.fetch_add(operations.size(), std::memory_order_relaxed);
  drained_.wait(lock, [&] { return queue_.size() < most_waiting_; });
  return stamp;
}

void Recorder::fault(FaultEvent event) {
  put(std::move(event));
}

void Recorder::lag(LagSample sample) {
  put(std::move(sample));
}

void Recorder::put(Record record) {
  const std::lock_guard lock(mutex_);
  assert(!closing_ && "something was recorded after the history was closed");
  queue_.push_back(std::move(record));
}

void Recorder::finish(const nlohmann::json& more) {
  close(more);
}

void Recorder::close(std::optional<nlohmann::json> footer) {
  {
    const std::lock_guard lock(mutex_);
    assert(!closing_ && "a history is closed once");
    closing_ = true;
    footer_ = std::move(footer);
  }
  filled_.notify_one();
  writer_.join();
}

std::optional<std::string> Recorder::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

std::vector<std::string> Recorder::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

void Recorder::write_until_closed() {
  block_write_signals();
  std::vector<Record> batch;
  batch.reserve(eager_records);
  for (bool closing = false; !closing;) {
    {
      std::unique_lock lock(mutex_);
      filled_.wait_for(lock, flush_interval,
                       [&] { return closing_ || queue_.size() >= std::min(eager_records, most_waiting_); });
      batch.swap(queue_);
      closing = closing_;
    }
    drained_.notify_all();
    write_batch(batch);
    batch.clear();
  }
  // Nobody else looks at the footer any more: it was set before `closing_`.
  if (footer_ && !failed_) write_text(footer_line(index_, *footer_) + '\n');
  close_file();
}

void Recorder::write_batch(const std::vector<Record>& batch) {
  const Record* const end = batch.data() + batch.size();
  for (const Record* at = batch.data(); at != end && !failed_;) {
    const Record* const until = at + std::min<std::ptrdiff_t>(chunk_records, end - at);
    write_chunk(at, until);
    at = until;
  }
}

void Recorder::write_chunk(const Record* begin, const Record* end) {
  text_.clear();
  const std::uint64_t first = index_;
  for (const Record* at = begin; at != end; ++at) {
    if (const auto* operation = std::get_if<Operation>(at)) {
      append_operation_line(text_, *operation, index_++);
    } else if (const auto* event = std::get_if<FaultEvent>(at)) {
      text_ += fault_line(*event);
    } else {
      text_ += lag_line(std::get<LagSample>(*at));
    }
    text_ += '\n';
  }
  if (!write_text(text_)) {
    index_ = first;
    return;
  }
  written_.store(index_, std::memory_order_relaxed);
  for (const Record* at = begin; at != end && !listener_failed_; ++at)
    tell(*at);
}

void Recorder::tell(const Record& record) {
  std::string why;
  try {
    if (const auto* operation = std::get_if<Operation>(&record)) {
      if (listener_.operation) listener_.operation(*operation);
    } else if (const auto* event = std::get_if<FaultEvent>(&record)) {
      if (listener_.fault) listener_.fault(*event);
    } else if (listener_.lag) {
      listener_.lag(std::get<LagSample>(record));
    }
    return;
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
    why = "an exception that says nothing";
  }
  listener_failed_ = true;
  const std::lock_guard lock(mutex_);
  problems_.push_back(fmt::format("the live view of the run stopped: {}", why));
}

bool Recorder::write_text(const std::string& text) {
  if (const int cause = write_all(descriptor_, text); cause != 0) {
    fail(cause);
    return false;
  }
  whole_bytes_ += static_cast<std::int64_t>(text.size());
  return true;
}

void Recorder::fail(int cause) {
  failed_ = true;
  const std::string text = complaint(file_, cause);
  {
    const std::lock_guard lock(mutex_);
    error_ = text;
  }
  // Half a chunk may have gone out, and the listener heard nothing of it: what is judged live and what stands in the
  // file must be the same. Shrinking needs no space; where it cannot be done, the reader leaves the torn line out.
  if (::ftruncate(descriptor_, whole_bytes_) == 0) ::lseek(descriptor_, whole_bytes_, SEEK_SET);
  if (on_failure_) on_failure_(text);
}

void Recorder::close_file() {
  if (descriptor_ < 0) return;
  const int result = ::close(descriptor_);
  descriptor_ = -1;
  // Some file systems only now say that they had no room.
  if (result != 0 && errno != EINTR && !failed_) {
    failed_ = true;
    const std::lock_guard lock(mutex_);
    error_ = complaint(file_, errno);
  }
}

}  // namespace afterwrite
