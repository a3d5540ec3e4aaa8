#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "adapters/atproto/node_process.hpp"
#include "adapters/atproto/postgres_server.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/session/clock.hpp"
#include "harness/session/link.hpp"

namespace afterwrite::atproto {

struct StackOptions {
  /// Where PostgreSQL's programs are; empty: $PATH, then /usr/lib/postgresql/*/bin, newest first.
  std::filesystem::path postgres_programs{};
  /// What a start may take, and each restart.
  Duration patience = std::chrono::seconds(120);
};

/// Bluesky's servers, for one run alone and all on loopback: a PLC directory and a PDS in one process, bsync and an App
/// View in another, and the PostgreSQL server that both keep their data in. The App View subscribes to the PDS's
/// firehose through the link firehose(). Accounts with a handle in `.test` can be made without an invitation; nothing
/// is limited in rate.
///
/// One thread at a time, but for healthy().
class Stack {
 public:
  enum class Part { pds, appview };

  /// Starts nothing. `links` must outlive it.
  Stack(StackOptions options, LinkFactory& links);
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack();

  /// Returns when both serve. Called once. Throws EnvironmentError, also once `stop` is requested; stop() then leaves
  /// nothing either.
  void start(const std::stop_token& stop = {});
  /// Ends what was started, and removes its folders. Release what the link holds before or after: nobody waits for it.
  void stop() noexcept;

  // The same from start() to stop(), whoever is killed and restarted meanwhile.
  std::string pds_url() const;
  std::string appview_url() const;
  std::string plc_url() const;
  /// What a service token for the App View is made out to.
  std::string appview_did() const;
  /// Who dials whom: `appview` dials `pds`, so what the App View receives flows to the dialler.
  static LinkName firehose() { return {"appview", "pds"}; }

  /// Of node, each package and PostgreSQL, by name: for the report. After start().
  nlohmann::json versions() const;

  /// The end of the process at once, as if its machine had failed; with the PDS goes the PLC directory, with the App
  /// View bsync. Returns what proves it. Throws EnvironmentError if it does not run.
  nlohmann::json kill(Part part);
  /// Starts it again on its ports, and returns when it serves; does nothing if it runs. Accounts, records and logins
  /// are as they were, and the App View goes on in the firehose where it was. Throws EnvironmentError.
  void restart(Part part);

  /// False once a process that nobody killed has ended by itself, with its last log lines in `why`. Any thread may call
  /// between start() and stop().
  bool healthy(std::string& why) const;

 private:
  Deadline soon() const { return Clock::now() + options_.patience; }
  NodeProcess& process(Part part) const;
  void boot(Deadline deadline, const std::stop_token& stop);
  void write_scripts(const Installation& installation) const;
  void choose_ports();
  nlohmann::json settings() const;

  const StackOptions options_;
  LinkFactory& links_;
  std::optional<PrivateFolder> folder_;
  std::unique_ptr<PostgresServer> postgres_;
  std::unique_ptr<NodeProcess> pds_;
  std::unique_ptr<NodeProcess> appview_;
  std::uint16_t plc_port_ = 0;
  std::uint16_t pds_port_ = 0;
  std::uint16_t appview_port_ = 0;
  std::uint16_t firehose_port_ = 0;
};

}  // namespace afterwrite::atproto
