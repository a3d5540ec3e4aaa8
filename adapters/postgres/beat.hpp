#pragma once

#include <map>
#include <memory>
#include <string>

#include "adapters/postgres/client.hpp"
#include "harness/session/beat.hpp"

namespace afterwrite::postgres {

/// Beats in the run's own table. They dial each node directly, whatever links the sessions use, and their commits wait
/// for no follower, whatever the sessions' do.
class PostgresBeat : public Beat {
 public:
  explicit PostgresBeat(const Shared& shared) : shared_(shared) {}

  bool write(std::int64_t number, Deadline deadline) override;
  std::optional<std::int64_t> visible(const std::string& node, Deadline deadline) override;

 private:
  /// The answer; nothing if there was none. Never connects and asks twice: a dead connection is opened anew by the next
  /// call.
  std::optional<Answer> ask(const std::string& node, const Group& group, Deadline deadline);

  const Shared& shared_;
  std::map<std::string, std::unique_ptr<ServerConnection>> connections_;
};

}  // namespace afterwrite::postgres
