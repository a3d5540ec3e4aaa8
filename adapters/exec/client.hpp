#pragma once

#include <string>

#include "adapters/exec/conversation.hpp"
#include "harness/session/beat.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::exec {

/// The client of one process of one session.
class ExecClient final : public Client {
 public:
  ExecClient(const Adapter& adapter, const std::string& session) : adapter_(adapter), conversation_(adapter, session) {}

  Reply call(const Call& call) override;
  Awaited await(const std::string& node, const std::string& position, Deadline deadline) override;

  std::optional<pid_t> pid() const { return conversation_.pid(); }

 private:
  Applied look(const std::string& node, const std::string& position, Duration patience, Deadline deadline);

  const Adapter& adapter_;
  Conversation conversation_;
};

/// Beats through a process of their own.
class ExecBeat final : public Beat {
 public:
  explicit ExecBeat(const Adapter& adapter);

  bool write(std::int64_t number, Deadline deadline) override;
  std::optional<std::int64_t> visible(const std::string& node, Deadline deadline) override;

 private:
  std::string key_;
  std::string leader_;
  Conversation conversation_;
};

}  // namespace afterwrite::exec
