#pragma once

#include <memory>
#include <string>

#include "adapters/http/wire.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::http {

/// What all clients of a run share. Filled before the first of them is made, and not changed after that.
struct Shared {
  const Description& description;
  std::map<std::string, Route> routes;  ///< by the node's name; of the run's sessions
  std::map<std::string, Route> direct;  ///< of beats, whatever links the sessions use
  std::string leader;
  Trace trace;
};

/// One process of a session. What an answer says is judged in outcomes.hpp and extraction.hpp. Used by one thread;
/// `shared` outlives it.
class HttpClient : public Client {
 public:
  HttpClient(const Shared& shared, std::shared_ptr<SessionState> session);

  Reply call(const Call& call) override;

  /// A service cannot be asked: it is told the position with the read, and is to wait itself.
  Awaited await(const std::string& node, const std::string& position, Deadline deadline) override;

 private:
  Reply write(const Call& call, const WriteAction& action);
  Reply read(const Call& call, const ReadAction& action);
  /// What the answer says beside its value. Why it cannot be used, if it lacks what it is described to have.
  std::string take_common(const Action& action, Answered& answered, Reply& reply) const;
  void finish(Reply& reply, bool written) const;

  const Shared& shared_;
  const std::shared_ptr<SessionState> session_;
  Wire wire_;
  const Redact shown_;  // what a reason may show
};

/// Logs the session in if it has to and has not yet. In words why it could not; empty if it is.
std::string log_in(const Shared& shared, SessionState& session, Wire& wire, Deadline deadline,
                   afterwrite::Connection& connection);

}  // namespace afterwrite::http
