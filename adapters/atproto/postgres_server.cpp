#include "adapters/atproto/postgres_server.hpp"

#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <thread>

#include "harness/process/child.hpp"
#include "harness/process/free_port.hpp"
#include "harness/process/private_file.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

constexpr auto look_again = std::chrono::milliseconds(10);
constexpr auto stop_grace = std::chrono::seconds(5);
constexpr int most_ports = 8;
constexpr const char* user = "afterwrite";

// postmaster.pid, counted from 1.
constexpr int line_of_status = 8;

}  // namespace

PostgresServer::PostgresServer(const std::filesystem::path& programs)
    : programs_(find_postgres_programs(programs)),
      account_(unprivileged_account()),
      folder_(account_),
      password_(random_password()),
      process_("PostgreSQL", folder_.path() / "log") {}

PostgresServer::~PostgresServer() {
  stop();
}

std::string PostgresServer::url() const {
  return fmt::format("postgresql://{}:{}@127.0.0.1:{}/postgres", user, password_, port_);
}

void PostgresServer::initialise(Deadline deadline, const std::stop_token& stop) const {
  const auto password_file = folder_.path() / "initial-password";
  write_private_file(password_file, password_ + "\n", account_);
  Command command;
  command.program = programs_.initdb;
  command.arguments = {
      "-D",        data().string(), "-U", user,  "-A", "scram-sha-256", "--pwfile=" + password_file.string(),
      "--no-sync", "--no-locale",   "-E", "UTF8"};
  command.environment = {{"LC_ALL", "C"}};
  command.folder = folder_.path();
  command.account = account_;
  run_command(command, deadline, stop);
  std::filesystem::remove(password_file);
}

void PostgresServer::spawn() {
  port_ = free_port();
  Command command;
  command.program = programs_.postgres;
  command.arguments = {"-D", data().string(), "-p", std::to_string(port_)};
  for (const char* setting :
       {"listen_addresses=127.0.0.1", "unix_socket_directories=",
        // A file in the data folder, not /dev/shm: it goes with the folder, also after SIGKILL.
        "dynamic_shared_memory_type=mmap", "shared_buffers=32MB", "huge_pages=off",
        // Nothing of this need survive the machine, nor its own process.
        "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
        "autovacuum=off", "jit=off", "update_process_title=off", "lc_messages=C"}) {
    command.arguments.insert(command.arguments.end(), {"-c", setting});
  }
  command.environment = {{"LC_ALL", "C"}};
  command.folder = folder_.path();
  command.account = account_;
  command.stop_signal = SIGQUIT;  // at once, and it still removes its shared memory
  process_.launch(std::move(command));
}

bool PostgresServer::accepts_connections() const {
  std::ifstream file(data() / "postmaster.pid");
  std::string line;
  for (int number = 0; number < line_of_status; ++number) {
    if (!std::getline(file, line)) return false;
  }
  return line.starts_with("ready");
}

void PostgresServer::start(Deadline deadline, const std::stop_token& stop) {
  initialise(deadline, stop);
  spawn();
  for (int ports = 1; !accepts_connections(); std::this_thread::sleep_for(look_again)) {
    end_start_if(stop);
    if (!process_.running()) {
      const bool port_taken = process_.log().find("Address already in use") != std::string::npos;
      if (!port_taken || ports++ == most_ports) {
        throw EnvironmentError(fmt::format("PostgreSQL ended while starting: {}", process_.last_words()));
      }
      spawn();
    } else if (Clock::now() >= deadline) {
      throw EnvironmentError(fmt::format("PostgreSQL did not get ready in time: {}", process_.last_words()));
    }
  }
  process_.started();
}

void PostgresServer::stop() noexcept {
  process_.stop(stop_grace);
}

}  // namespace afterwrite::atproto
