#include "adapters/atproto/node_process.hpp"

#include <csignal>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

constexpr auto look_again = std::chrono::milliseconds(20);
constexpr auto stop_grace = std::chrono::seconds(5);
constexpr std::string_view ready_mark = "READY ";

/// The rest of the line that begins so, once it is there whole.
std::optional<std::string> line_with(const std::string& log, std::string_view mark) {
  std::size_t start = log.find(mark);
  while (start != std::string::npos && start != 0 && log[start - 1] != '\n')
    start = log.find(mark, start + 1);
  if (start == std::string::npos) return std::nullopt;
  const std::size_t end = log.find('\n', start);
  if (end == std::string::npos) return std::nullopt;
  return log.substr(start + mark.size(), end - start - mark.size());
}

}  // namespace

NodeProcess::NodeProcess(std::string title, std::string script, Installation installation, std::filesystem::path folder)
    : title_(std::move(title)),
      script_(std::move(script)),
      installation_(std::move(installation)),
      folder_(std::move(folder)),
      process_(title_, folder_ / (script_ + ".log")) {}

NodeProcess::~NodeProcess() {
  stop();
}

void NodeProcess::launch(const nlohmann::json& settings) {
  told_ = nullptr;
  Command command;
  command.program = installation_.node;
  command.arguments = {(folder_ / script_).string()};
  // What the user has set for programs of their own is none of ours. Settings hold a password, so they are no argument.
  command.environment = {{"AFTERWRITE_STACK", settings.dump()},
                         {"TMPDIR", (folder_ / "tmp").string()},
                         {"NODE_OPTIONS", ""},
                         {"NODE_PATH", ""},
                         {"NODE_ENV", "production"},
                         {"NODE_USE_ENV_PROXY", ""}};
  command.folder = folder_;
  command.stop_signal = SIGKILL;  // in order it would wait for its own connections, and there is nothing to save
  process_.launch(std::move(command));
}

Boot NodeProcess::await(Deadline deadline, const std::stop_token& stop) {
  for (;; std::this_thread::sleep_for(look_again)) {
    end_start_if(stop);
    const bool runs = process_.running();  // before its last words are read
    const std::string log = process_.log();
    if (const auto told = line_with(log, ready_mark); told && runs) {
      told_ = nlohmann::json::parse(*told);
      process_.started();
      return Boot::ready;
    }
    if (!runs) {
      if (log.find("EADDRINUSE") != std::string::npos) return Boot::port_taken;
      throw EnvironmentError(fmt::format("{} ended while starting: {}", title_, process_.last_words()));
    }
    if (Clock::now() >= deadline) {
      throw EnvironmentError(fmt::format("{} did not get ready in time: {}", title_, process_.last_words()));
    }
  }
}

nlohmann::json NodeProcess::kill() {
  const auto killed = process_.kill();
  if (!killed) throw EnvironmentError(fmt::format("{} does not run, so it cannot be killed", title_));
  return {{"pid", killed->pid}, {"reaped", true}, {"status", killed->status.describe()}};
}

void NodeProcess::stop() noexcept {
  process_.stop(stop_grace);
}

}  // namespace afterwrite::atproto
