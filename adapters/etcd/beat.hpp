#pragma once

#include <map>
#include <string>

#include "adapters/etcd/members.hpp"
#include "harness/session/beat.hpp"

namespace afterwrite::etcd {

/// Beats under a key of the run's own. They dial each member directly, whatever links the sessions use, and ask it
/// alone (serializable), whatever the sessions ask. A beat is acknowledged once a majority has it: etcd has no other
/// way.
class EtcdBeat : public Beat {
 public:
  explicit EtcdBeat(const Shared& shared) : shared_(shared) {}

  bool write(std::int64_t number, Deadline deadline) override;
  std::optional<std::int64_t> visible(const std::string& node, Deadline deadline) override;

 private:
  Told ask(const std::string& node, std::string_view path, const nlohmann::json& request, bool is_write,
           Deadline deadline);

  const Shared& shared_;
  std::map<std::string, Gateway> gateways_;
};

}  // namespace afterwrite::etcd
