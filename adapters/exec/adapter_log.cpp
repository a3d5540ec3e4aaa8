#include "adapters/exec/adapter_log.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>

#include "harness/history/text.hpp"
#include "harness/process/log_tail.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::exec {
namespace {

constexpr std::size_t kept_tail = 4096;
constexpr std::size_t longest_log_line = 64 * 1024;
constexpr std::size_t lines_in_message = 3;
constexpr std::size_t tail_in_message = 300;

}  // namespace

AdapterLog::AdapterLog(const std::filesystem::path& file) {
  if (file.empty()) return;
  file_.open(file, std::ios::app | std::ios::binary);
  if (!file_)
    throw EnvironmentError(
        fmt::format("{}: the adapter's log cannot be written: {}", file.string(), std::strerror(errno)));
}

void AdapterLog::write(std::string_view who, std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (!file_.is_open() || written_ >= limit) return;
  written_ += who.size() + line.size() + 3;
  file_ << who << ": " << line << '\n';
  if (written_ >= limit) file_ << "(what comes after this is left out: the log is full)\n";
  file_.flush();
}

void ErrorOutput::take(std::string_view text) {
  tail_.append(text.substr(text.size() - std::min(text.size(), kept_tail)));
  if (tail_.size() > kept_tail) tail_.erase(0, tail_.size() - kept_tail);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    line_.append(text.substr(0, end));
    if (end == std::string_view::npos && line_.size() < longest_log_line) return;
    log_.write(who_, line_);
    line_.clear();
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::string ErrorOutput::tail() const {
  std::string lines = last_lines_of(tail_, lines_in_message);
  if (lines.size() > tail_in_message) lines.erase(0, lines.size() - tail_in_message);
  return shortened_text(lines, 2 * tail_in_message);
}

}  // namespace afterwrite::exec
