#include "adapters/etcd/server.hpp"

#include <csignal>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/process/free_port.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::etcd {
namespace {

namespace fs = std::filesystem;

constexpr auto heartbeat = std::chrono::milliseconds(50);
constexpr auto stop_grace = std::chrono::seconds(5);
constexpr auto answer_patience = std::chrono::seconds(1);
constexpr int most_launches = 8;

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

Server::Server(const ClusterFiles& files, std::string name)
    : files_(files), name_(std::move(name)), process_("etcd server " + name_, files_.folder / (name_ + ".log")) {}

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
  command.folder = files_.folder;
  command.account = files_.account;
  command.stop_signal = SIGKILL;  // in order it would hand its leadership over first, for seconds
  process_.launch(std::move(command));
}

void Server::launch() {
  launches_ = 1;
  spawn();
}

std::optional<Status> Server::look(bool& moved) {
  if (!running()) {
    const bool port_taken = process_.log().find("address already in use") != std::string::npos;
    if (!port_taken || launches_++ == most_launches) {
      throw EnvironmentError(fmt::format("etcd server {} ended while starting: {}", name_, last_words()));
    }
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

nlohmann::json Server::kill() {
  const auto killed = process_.kill();
  if (!killed) throw EnvironmentError(fmt::format("{} does not run, so it cannot be killed", name_));
  return {{"pid", killed->pid}, {"reaped", true}, {"status", killed->status.describe()}};
}

void Server::stop() noexcept {
  process_.stop(stop_grace);
}

}  // namespace afterwrite::etcd
