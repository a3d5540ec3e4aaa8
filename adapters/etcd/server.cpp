#include "adapters/etcd/server.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <system_error>
#include <unistd.h>

#include "harness/process/free_port.hpp"
#include "harness/process/log_tail.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::etcd {
namespace {

namespace fs = std::filesystem;

constexpr auto heartbeat = std::chrono::milliseconds(50);
constexpr auto stop_grace = std::chrono::seconds(5);
constexpr auto answer_patience = std::chrono::seconds(1);
constexpr int most_launches = 8;
constexpr std::size_t shown_log_lines = 6;

/// etcd takes settings from the environment too. Those of the user's are none of a private cluster's; an empty one
/// counts as not set.
std::map<std::string, std::string> without_settings_of_etcd() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (text.starts_with("ETCD_")) environment[text.substr(0, text.find('='))] = "";
  }
  return environment;
}

}  // namespace

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ';');
  return text;
}

Server::Server(const ClusterFiles& files, std::string name) : files_(files), name_(std::move(name)) {}

Server::~Server() {
  stop();
}

Route Server::route() const {
  return {fmt::format("http://127.0.0.1:{}", client_port_), std::nullopt};
}

void Server::choose_ports() {
  client_port_ = free_port();
  peer_port_ = free_port();
}

void Server::spawn() {
  std::error_code none_yet;
  const auto size = fs::file_size(log_file(), none_yet);
  log_start_ = none_yet ? 0 : size;
  const std::string clients = fmt::format("http://127.0.0.1:{}", client_port_);
  Command command;
  command.program = files_.program.etcd;
  command.arguments = {"--name", name_, "--data-dir", (files_.folder / name_).string(), "--listen-client-urls", clients,
                       "--advertise-client-urls", clients, "--listen-peer-urls",
                       fmt::format("http://127.0.0.1:{}", peer_port_), "--initial-advertise-peer-urls", peer_url_,
                       "--initial-cluster", files_.members, "--initial-cluster-token", files_.token,
                       "--initial-cluster-state", "new", "--heartbeat-interval", std::to_string(heartbeat.count()),
                       "--election-timeout",
                       std::to_string(std::chrono::ceil<std::chrono::milliseconds>(files_.election_timeout).count()),
                       // A member that was cut off does not depose the leader when it comes back.
                       "--pre-vote",
                       // The data need not survive the machine, only the processes.
                       "--unsafe-no-fsync", "--logger", "zap", "--log-level", "warn"};
  command.environment = without_settings_of_etcd();
  command.output = log_file();
  command.folder = files_.folder;
  command.account = files_.account;
  command.stop_signal = SIGKILL;  // in order it would hand its leadership over first, for seconds
  child_.emplace(command);
}

void Server::launch() {
  const std::lock_guard lock(mutex_);
  starting_ = true;
  launches_ = 1;
  spawn();
}

std::optional<Status> Server::look(bool& moved) {
  if (!running()) {
    const bool port_taken = log().find("address already in use") != std::string::npos;
    if (!port_taken || launches_++ == most_launches) {
      throw EnvironmentError(fmt::format("etcd server {} ended while starting: {}", name_, last_words()));
    }
    const std::lock_guard lock(mutex_);
    choose_ports();
    spawn();
    moved = true;
    return std::nullopt;
  }
  // On a port that somebody else took first another server may answer: only what answers for our member is ours.
  const Told told =
      Gateway(route()).post("/v3/cluster/member/list", nlohmann::json::object(), false, Clock::now() + answer_patience);
  if (told.outcome != Outcome::ok || told.answer.dump().find(peer_url_) == std::string::npos) return std::nullopt;
  return status_in(Gateway(route())
                       .post("/v3/maintenance/status", nlohmann::json::object(), false, Clock::now() + answer_patience)
                       .answer);
}

void Server::started() {
  const std::lock_guard lock(mutex_);
  starting_ = false;
}

bool Server::running() {
  const std::lock_guard lock(mutex_);
  return child_ && child_->running();
}

bool Server::died(std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!child_ || starting_ || child_->running()) return false;
  const auto status = child_->wait_until(Clock::now());
  why = fmt::format("etcd server {} ended by itself ({}): {}", name_, status ? status->describe() : "", last_words());
  return true;
}

nlohmann::json Server::kill() {
  const std::lock_guard lock(mutex_);
  if (!child_ || !child_->running()) {
    throw EnvironmentError(fmt::format("{} does not run, so it cannot be killed", name_));
  }
  const pid_t pid = child_->pid();
  const ExitStatus status = child_->kill();
  child_.reset();
  return {{"pid", pid}, {"reaped", true}, {"status", status.describe()}};
}

void Server::stop() noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (!child_) return;
    child_->stop(stop_grace);
    child_.reset();
  } catch (...) {
    // The child's destructor and the watchdog do what is left.
  }
}

std::string Server::log() const {
  std::ifstream file(log_file());
  file.seekg(static_cast<std::streamoff>(log_start_));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Server::last_words() const {
  const std::string text = last_lines_of(log(), shown_log_lines);
  return text.empty() ? "it logged nothing" : on_one_line(text);
}

}  // namespace afterwrite::etcd
