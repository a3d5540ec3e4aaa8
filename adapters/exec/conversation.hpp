#pragma once

#include <memory>
#include <string>

#include "adapters/exec/adapter_process.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::exec {

/// What one client says to its adapter: a process is started when there is none, and a node opened before it is first
/// asked. Nothing is ever asked twice. One thread at a time.
class Conversation {
 public:
  Conversation(const Adapter& adapter, std::string session) : adapter_(adapter), session_(std::move(session)) {}

  struct Result {
    Exchange exchange;
    Connection connection = Connection::usable;
  };

  /// Asks about `node`.
  Result ask(const std::string& node, const Request& request, Deadline deadline,
             AdapterProcess::Silence silence = AdapterProcess::Silence::kills);

  /// After an answer whose contents break the protocol: kills the process. Returns what to tell.
  std::string give_up(const Breach& breach);

  /// Only while there is a process.
  std::optional<pid_t> pid() const;

 private:
  Result open(const std::string& node, Deadline deadline);

  const Adapter& adapter_;
  std::string session_;
  std::unique_ptr<AdapterProcess> process_;
};

}  // namespace afterwrite::exec
