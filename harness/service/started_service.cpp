#include "harness/service/started_service.hpp"

#include <cstdint>
#include <fmt/format.h>

#include "harness/history/text.hpp"
#include "harness/process/find_program.hpp"
#include "harness/process/log_tail.hpp"
#include "harness/service/readiness.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::service {

namespace {

constexpr Duration stop_grace = std::chrono::seconds(10);
constexpr Duration look_again = std::chrono::milliseconds(20);
constexpr std::size_t every_line = SIZE_MAX;
constexpr std::size_t shown_lines = 5;
constexpr std::size_t shown_bytes = 800;

/// A path is meant from the folder that the service works in; a name is looked up.
std::filesystem::path program_of(const std::string& word, const std::filesystem::path& folder) {
  if (word.find('/') != std::string::npos) return folder / word;
  const auto found = find_program(word);
  if (!found) throw EnvironmentError(fmt::format("cannot start the service: there is no program '{}' on PATH", word));
  return *found;
}

}  // namespace

StartedService::StartedService(StartSpec spec, ServiceLog log) : spec_(std::move(spec)), log_(std::move(log)) {
  log_.file = std::filesystem::absolute(log_.file);
}

Command StartedService::command(const std::map<LinkName, Address>& links,
                                std::map<std::string, std::string> variables) const {
  Command command;
  std::vector<std::string> words;
  for (const std::string& word : spec_.command)
    words.push_back(with_links(word, links, "start: 'command'"));
  command.program = program_of(words.front(), spec_.folder);
  command.arguments.assign(words.begin() + 1, words.end());
  command.environment = std::move(variables);
  command.environment["AFTERWRITE_FOLDER"] = folder_->path();
  for (const auto& [name, value] : spec_.environment)
    command.environment[name] = with_links(value, links, "start: 'environment'");
  command.output = log_.file;
  command.folder = spec_.folder;
  return command;
}

void StartedService::start(const std::map<LinkName, Address>& links, std::map<std::string, std::string> variables,
                           const std::stop_token& stop) {
  std::error_code none_yet;
  const std::uintmax_t size = std::filesystem::file_size(log_.file, none_yet);
  log_start_ = none_yet ? 0 : size;
  try {
    folder_.emplace();
    const std::lock_guard lock(mutex_);
    child_.emplace(command(links, std::move(variables)));
  } catch (const ProcessError& error) {
    throw EnvironmentError(fmt::format("the service of the scenario: {}", visible_text(error.what(), shown_bytes)));
  }
  await_ready(stop);
}

void StartedService::await_ready(const std::stop_token& stop) {
  const Deadline deadline = Clock::now() + spec_.ready.within;
  Readiness readiness(spec_.ready, log_.file, log_start_);
  for (;;) {
    // In this order: who answers in its place is not it.
    const bool ready = readiness.look(deadline);
    if (const auto status = ended_by(ready ? Clock::now() : Clock::now() + look_again)) {
      throw EnvironmentError(
          fmt::format("the service ended before it was ready ({}): {}", status->describe(), last_words()));
    }
    if (ready) return;
    if (stop.stop_requested()) throw EnvironmentError("stopped by the user before the service was ready");
    if (Clock::now() >= deadline) {
      throw EnvironmentError(fmt::format("the service was not ready within {}: waited until {}; {}",
                                         format_duration(spec_.ready.within), readiness.waited_for(), last_words()));
    }
  }
}

std::optional<ExitStatus> StartedService::ended_by(Deadline deadline) const {
  const std::lock_guard lock(mutex_);
  return child_ ? child_->wait_until(deadline) : std::nullopt;
}

void StartedService::stop() noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (child_) child_->stop(stop_grace);
    child_.reset();
  } catch (...) {  // NOLINT(bugprone-empty-catch): the child's destructor and the watchdog do what is left
  }
  folder_.reset();
}

bool StartedService::healthy(std::string& why) const {
  const auto status = ended_by(Clock::now());
  if (!status) return true;
  why = fmt::format("the service ended by itself ({}): {}", status->describe(), last_words());
  return false;
}

std::string StartedService::last_words() const {
  // A secret may have line ends of its own, so the lines are counted in what is left.
  const std::string whole = last_lines(log_.file, every_line);
  const std::string lines = last_lines_of(log_.redact ? log_.redact(whole) : whole, shown_lines);
  const std::string place = log_.kept ? fmt::format(" {}", log_.file.string()) : "";
  if (lines.empty()) return place.empty() ? "it wrote nothing" : fmt::format("it wrote nothing to{}", place);
  return fmt::format("the end of {}: {}", place.empty() ? "what it wrote" : place.substr(1),
                     visible_text(lines, shown_bytes));
}

}  // namespace afterwrite::service
