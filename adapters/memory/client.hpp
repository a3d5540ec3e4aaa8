#pragma once

#include <map>
#include <memory>
#include <string>

#include "adapters/memory/cluster.hpp"
#include "harness/session/beat.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::memory {

/// The connections of one process. Used by one thread.
class MemoryClient final : public Client {
 public:
  MemoryClient(std::shared_ptr<Cluster> cluster, Bug bug, const std::string& session, std::uint64_t seed);

  Reply call(const Call& call) override;
  Awaited await(const std::string& node, const std::string& position, Deadline deadline) override;

 private:
  void tamper(bool list, Value& read);

  std::shared_ptr<Cluster> cluster_;
  Bug bug_;
  Random random_;  ///< of the planted bugs
  std::int64_t phantoms_ = 0;
  std::string session_;
  std::map<std::string, Life> connections_;
};

/// Used by one thread.
class MemoryBeat final : public Beat {
 public:
  explicit MemoryBeat(std::shared_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}

  bool write(std::int64_t number, Deadline deadline) override { return cluster_->write_beat(number, deadline); }
  std::optional<std::int64_t> visible(const std::string& node, Deadline deadline) override {
    return cluster_->visible_beat(node, deadline);
  }

 private:
  std::shared_ptr<Cluster> cluster_;
};

}  // namespace afterwrite::memory
