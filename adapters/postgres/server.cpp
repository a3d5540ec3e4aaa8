#include "adapters/postgres/server.hpp"

#include <csignal>
#include <fmt/format.h>
#include <thread>

#include "adapters/postgres/admin.hpp"
#include "harness/process/free_port.hpp"
#include "harness/process/private_file.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::postgres {
namespace {

namespace fs = std::filesystem;

constexpr auto stop_grace = std::chrono::seconds(5);
constexpr auto look_again = std::chrono::milliseconds(10);
constexpr auto answer_patience = std::chrono::seconds(2);
constexpr int most_ports = 8;

std::map<std::string, std::string> settings_of_every_server(const std::string& name) {
  return {
      {"cluster_name", name},
      {"listen_addresses", "127.0.0.1"},
      {"unix_socket_directories", ""},
      // A file in the data folder, not /dev/shm: it goes with the folder, also after SIGKILL.
      {"dynamic_shared_memory_type", "mmap"},
      {"shared_buffers", "32MB"},
      {"huge_pages", "off"},
      {"max_connections", "500"},
      {"max_wal_senders", "32"},
      {"max_replication_slots", "32"},
      {"max_logical_replication_workers", "0"},
      // The data need not survive the machine, only the processes: those of a killed server leave what they wrote with
      // the kernel. Full page writes stay on, because SIGKILL can tear a page.
      {"fsync", "off"},
      {"wal_init_zero", "off"},
      {"checkpoint_timeout", "2min"},
      {"max_wal_size", "1GB"},
      // A follower that was away must find the log it missed.
      {"wal_keep_size", "1GB"},
      {"wal_receiver_status_interval", "1s"},
      {"wal_sender_timeout", "10s"},
      {"wal_receiver_timeout", "10s"},
      {"wal_retrieve_retry_interval", "200ms"},
      {"hot_standby", "on"},
      {"max_standby_streaming_delay", "-1"},
      {"autovacuum", "off"},
      {"jit", "off"},
      {"update_process_title", "off"},
      {"lc_messages", "C"},
      {"timezone", "UTC"},
      {"log_timezone", "UTC"},
      {"log_line_prefix", "%m "},
      {"log_checkpoints", "off"},
  };
}

/// As configuration files and connection strings want it.
std::string setting_literal(const std::string& value) {
  std::string result = "'";
  for (const char letter : value) {
    if (letter == '\'' || letter == '\\') result += '\\';
    result += letter;
  }
  return result + "'";
}

}  // namespace

Server::Server(const ClusterFiles& files, std::string name)
    : files_(files),
      name_(std::move(name)),
      settings_(settings_of_every_server(name_)),
      process_("PostgreSQL server " + name_, files_.folder / (name_ + ".log")) {}

Server::~Server() {
  stop();
}

Address Server::address() const {
  return Address{"127.0.0.1", port_};
}

Target Server::target() const {
  return target(address());
}

Target Server::target(const Address& through) const {
  // All that libpq would otherwise take from PG* variables is said here.
  return Target{{{"host", through.host},
                 {"port", std::to_string(through.port)},
                 {"user", files_.user},
                 {"password", files_.password},
                 {"dbname", "postgres"},
                 {"client_encoding", "UTF8"},
                 {"application_name", "afterwrite"},
                 {"options", ""},
                 {"sslmode", "disable"},
                 {"gssencmode", "disable"},
                 {"channel_binding", "prefer"},
                 {"target_session_attrs", "any"}},
                fmt::format("{} (127.0.0.1:{})", name_, port_)};
}

void Server::set(const std::string& setting, const std::string& value) {
  settings_[setting] = value;
}

void Server::set_follower_of(const Address& leader_link) {
  follower_ = true;
  set("primary_conninfo",
      fmt::format("host={} port={} user={} passfile={} application_name={} sslmode=disable gssencmode=disable",
                  leader_link.host, leader_link.port, files_.user, setting_literal(files_.password_file.string()),
                  name_));
}

void ClusterFiles::write(const fs::path& file, const std::string& content) const {
  try {
    write_private_file(file, content, account);
  } catch (const ProcessError& error) {
    throw EnvironmentError(error.what());
  }
}

void Server::run(const fs::path& program, std::vector<std::string> arguments, Deadline deadline) const {
  Command command;
  command.program = program;
  command.arguments = std::move(arguments);
  command.environment = {{"LC_ALL", "C"}, {"PGPASSFILE", files_.password_file.string()}};
  command.folder = files_.folder;
  command.account = files_.account;
  run_command(command, deadline, files_.start_stop);
}

void Server::initialise(Deadline deadline) {
  const fs::path password = files_.folder / "initial-password";
  files_.write(password, files_.password + "\n");
  run(files_.programs.initdb,
      {"-D", data().string(), "-U", files_.user, "-A", "scram-sha-256", "--pwfile=" + password.string(), "--no-sync",
       "--no-locale", "-E", "UTF8"},
      deadline);
  fs::remove(password);
}

void Server::clone(const Server& source, Deadline deadline) {
  fs::remove_all(data());
  const std::string where = fmt::format(
      "host=127.0.0.1 port={} user={} dbname=postgres sslmode=disable gssencmode=disable", source.port_, files_.user);
  run(files_.programs.pg_basebackup,
      {"-D", data().string(), "-d", where, "-X", "stream", "-c", "fast", "--no-sync", "--no-password"}, deadline);
}

void Server::write_configuration() const {
  std::string text = "# Written by afterwrite, whole, at every change.\n";
  for (const auto& [setting, value] : settings_)
    text += fmt::format("{} = {}\n", setting, setting_literal(value));
  files_.write(data() / "postgresql.conf", text);
}

void Server::spawn() {
  if (port_ == 0) port_ = free_port();
  set("port", std::to_string(port_));
  write_configuration();
  files_.write(data() / "postgresql.auto.conf", "");
  if (follower_) files_.write(data() / "standby.signal", "");

  Command command;
  command.program = files_.programs.postgres;
  command.arguments = {"-D", data().string()};
  command.environment = {{"LC_ALL", "C"}};
  command.folder = files_.folder;
  command.account = files_.account;
  command.stop_signal = SIGQUIT;  // at once, and it still removes its shared memory
  process_.launch(std::move(command));
}

void Server::launch() {
  spawn();
}

bool Server::answers() {
  const auto deadline = Clock::now() + answer_patience;
  try {
    // On a port that somebody else took first another server may answer.
    return Admin(target(), deadline).value("SHOW data_directory", deadline) == data().string();
  } catch (const EnvironmentError&) {
    return false;  // not yet
  }
}

void Server::await_ready(Deadline deadline) {
  for (int ports = 1;; std::this_thread::sleep_for(look_again)) {
    end_start_if(files_.start_stop);
    if (!running()) {
      const bool port_taken = log().find("Address already in use") != std::string::npos;
      if (!port_taken || ports++ == most_ports) {
        throw EnvironmentError(fmt::format("PostgreSQL server {} ended while starting: {}", name_, process_.last_words()));
      }
      port_ = 0;
      spawn();
    } else if (answers()) {
      break;
    } else if (Clock::now() >= deadline) {
      throw EnvironmentError(fmt::format("PostgreSQL server {} did not get ready in time: {}", name_, process_.last_words()));
    }
  }
  process_.started();
}

void Server::reload() {
  write_configuration();
  process_.signal(SIGHUP);
}

nlohmann::json Server::kill() {
  const auto killed = process_.kill();
  if (!killed) throw EnvironmentError(fmt::format("{} does not run, so it cannot be killed", name_));
  return {{"pid", killed->pid}, {"reaped", true}, {"status", killed->status.describe()}};
}

void Server::stop() noexcept {
  process_.stop(stop_grace);
}

}  // namespace afterwrite::postgres
