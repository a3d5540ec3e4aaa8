#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/cli/obstruction.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/session/client.hpp"
#include "harness/session/deployment.hpp"

// What the conformance checks work with, and the checks themselves: see conformance.hpp.
namespace afterwrite::conformance {

/// Thrown by a check that has seen a promise broken.
struct Failed {
  std::string why;
};
/// Thrown by a check that says nothing about this system.
struct NotApplicable {
  std::string why;
};

/// How long a healthy system may take for anything. Far beyond what it takes: a hang ends here.
inline constexpr Duration patience = std::chrono::seconds(30);

/// The system under test. Names for keys and values are new to it each time. Any thread may call.
class Scene {
 public:
  Scene(Deployment& deployment, FaultProxy& proxy);

  Deployment& deployment() { return deployment_; }
  std::string leader() const;
  std::vector<std::string> nodes() const;

  std::string key(const std::string& name) const { return token_ + "-" + name; }
  std::string value(const std::string& name) const { return token_ + "-" + name; }

  std::unique_ptr<Client> client(const std::string& session) { return deployment_.open_client(session); }

  /// Throws NotApplicable unless the system offers it.
  void need(Function function) const;

  /// What lies between, for a client that has been used at the leader. Throws NotApplicable if nothing does.
  std::unique_ptr<Obstruction> obstruct(const Client& client) const;

 private:
  Deployment& deployment_;
  FaultProxy& proxy_;
  std::string token_;
};

Reply write(Client& client, const std::string& node, const std::string& key, const std::string& value,
            Duration within = patience);
Reply append(Client& client, const std::string& node, const std::string& key, const std::string& value);
Reply read(Client& client, const std::string& node, const std::string& key, bool list = false,
           Duration within = patience);

/// Why it is not ok, for people: escaped, as all that a check says is.
std::string reason_of(const Reply& reply);

/// Throws Failed, saying `what`, unless it is `ok`.
Reply must_be_ok(Reply reply, const std::string& what);
/// Throws Failed unless the read is ok and returned just this.
void must_show(const Reply& reply, const Value& expected, const std::string& what);

// The checks. Each throws Failed or NotApplicable; else it was kept.
void round_trip(Scene& scene);
void absent_key(Scene& scene);
void another_session(Scene& scene);
void keys_apart(Scene& scene);
void special_characters(Scene& scene);
void long_value(Scene& scene);
void lists(Scene& scene);
void concurrent_sessions(Scene& scene);
void followers(Scene& scene);
void positions(Scene& scene);
void beats(Scene& scene);
void deadline(Scene& scene);
void cut_in_mid_write(Scene& scene);
void after_a_lost_connection(Scene& scene);

}  // namespace afterwrite::conformance
