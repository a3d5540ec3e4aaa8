#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "adapters/etcd/etcd.hpp"
#include "adapters/etcd/gateway.hpp"
#include "adapters/etcd/members.hpp"
#include "harness/process/account.hpp"
#include "harness/process/server_process.hpp"

namespace afterwrite::etcd {

/// What all servers of one private cluster share. Complete before the first is launched.
struct ClusterFiles {
  Program program;
  std::optional<Account> account;  ///< who they run as; nothing: we
  std::filesystem::path folder;    ///< private, the account's
  std::string token;               ///< the cluster's own, so that no two clusters ever mix
  std::string members;             ///< `node-0=http://127.0.0.1:4711,...`: the addresses at which they dial each other
  Duration election_timeout{0};
};

/// One server of a private cluster. One thread at a time, but for died().
class Server {
 public:
  /// `peer_url`: where the others dial it, a link; it is told to whom it talks. Reserves nothing yet.
  Server(const ClusterFiles& files, std::string name);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  const std::string& name() const { return name_; }
  Address client_address() const { return {"127.0.0.1", client_port_}; }
  /// Where it listens for the others; what the link to it leads to.
  Address peer_address() const { return {"127.0.0.1", peer_port_}; }
  Route route() const;
  void set_peer_url(const std::string& url) { peer_url_ = url; }

  /// Takes two free ports. Throws ProcessError.
  void choose_ports();
  /// Starts it on the ports it has. Throws ProcessError.
  void launch();
  /// Its status; nothing if it does not answer yet. If a port of its was taken it is launched again on others, and
  /// `moved` is set. Throws EnvironmentError with its last words if it ended for another reason.
  std::optional<Status> look(bool& moved);
  /// From now on its end is not one while starting.
  void started() { process_.started(); }

  bool running() { return process_.running(); }
  /// True once it ended although nobody ended it; `why` are its last log lines. Any thread may call.
  bool died(std::string& why) { return process_.died(why); }
  nlohmann::json kill();
  void stop() noexcept;
  std::string last_words() const { return process_.last_words(); }

 private:
  void spawn();

  const ClusterFiles& files_;
  const std::string name_;
  std::string peer_url_;
  std::uint16_t client_port_ = 0;
  std::uint16_t peer_port_ = 0;
  int launches_ = 0;
  ServerProcess process_;
};

}  // namespace afterwrite::etcd
