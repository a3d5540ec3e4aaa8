#include "harness/process/server_process.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "harness/process/log_tail.hpp"

namespace afterwrite {

namespace {

constexpr std::size_t shown_log_lines = 8;

}  // namespace

ServerProcess::ServerProcess(std::string title, std::filesystem::path log) : title_(std::move(title)), log_(std::move(log)) {}

void ServerProcess::launch(Command command) {
  const std::lock_guard lock(mutex_);
  std::error_code none_yet;
  const auto size = std::filesystem::file_size(log_, none_yet);
  log_start_ = none_yet ? 0 : size;
  command.output = log_;
  starting_ = true;
  child_.emplace(command);
}

void ServerProcess::started() {
  const std::lock_guard lock(mutex_);
  starting_ = false;
}

bool ServerProcess::running() {
  const std::lock_guard lock(mutex_);
  return child_ && child_->running();
}

bool ServerProcess::died(std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!child_ || starting_ || child_->running()) return false;
  const auto status = child_->wait_until(std::chrono::steady_clock::now());
  why = fmt::format("{} ended by itself ({}): {}", title_, status ? status->describe() : "", last_words());
  return true;
}

void ServerProcess::signal(int number) {
  const std::lock_guard lock(mutex_);
  if (child_) child_->signal(number);
}

std::optional<ServerProcess::Killed> ServerProcess::kill() {
  const std::lock_guard lock(mutex_);
  if (!child_ || !child_->running()) return std::nullopt;
  const pid_t pid = child_->pid();
  const ExitStatus status = child_->kill();
  child_.reset();
  return Killed{pid, status};
}

void ServerProcess::stop(std::chrono::nanoseconds grace) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (!child_) return;
    child_->stop(grace);
    child_.reset();
  } catch (...) {
    // The child's destructor and the watchdog do what is left.
  }
}

std::string ServerProcess::log() const {
  std::ifstream file(log_);
  file.seekg(static_cast<std::streamoff>(log_start_));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string ServerProcess::last_words() const {
  const std::string text = last_lines_of(log(), shown_log_lines);
  return text.empty() ? "it logged nothing" : on_one_line(text);
}

}  // namespace afterwrite
