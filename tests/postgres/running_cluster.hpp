#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/admin.hpp"
#include "adapters/postgres/position.hpp"
#include "adapters/postgres/postgres.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite::postgres {

/// Far longer than anything takes on a slow machine.
inline constexpr auto patience = std::chrono::seconds(30);

/// What $TMPDIR is while it lives: private folders land in it, so that a test sees what is left of them.
class TemporaryRoot {
 public:
  TemporaryRoot();
  TemporaryRoot(const TemporaryRoot&) = delete;
  TemporaryRoot& operator=(const TemporaryRoot&) = delete;
  ~TemporaryRoot();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::string before_;
};

/// A cluster of its own that is gone when the test is, however that ends.
class RunningCluster {
 public:
  explicit RunningCluster(const ClusterOptions& options = {});
  RunningCluster(const RunningCluster&) = delete;
  RunningCluster& operator=(const RunningCluster&) = delete;
  ~RunningCluster();

  Deployment& deployment() { return *deployment_; }
  FaultProxy& proxy() { return proxy_; }
  FaultLink replication(const std::string& node) { return proxy_.link(*deployment_->replication_link(node)); }
  void stop();

  /// The one private folder, while the cluster runs.
  std::filesystem::path folder() const;
  std::uint16_t port(const std::string& node) const;
  std::string password() const;
  /// A connection as superuser, directly.
  Admin admin(const std::string& node) const;
  std::string table() const;
  pid_t pid(const std::string& node) const;

 private:
  TemporaryRoot root_;
  FaultProxy proxy_;
  std::unique_ptr<Deployment> deployment_;
};

Deadline in(Duration duration);

Reply write(Client& client, const std::string& key, const std::string& value, const std::string& node = "node-0",
            Duration timeout = patience);
Reply append(Client& client, const std::string& key, const Scalar& value, const std::string& node = "node-0");
Reply remove(Client& client, const std::string& key, const std::string& node = "node-0");
Reply read(Client& client, const std::string& key, const std::string& node, Duration timeout = patience);
Reply read_list(Client& client, const std::string& key, const std::string& node);

/// True if a wait for `position` at `node` ends at its deadline, though the node answers.
bool still_waits(Client& client, const std::string& node, const std::string& position);

/// True once `condition` is; false if it is not within the patience.
bool eventually(const std::function<bool()>& condition);

}  // namespace afterwrite::postgres
