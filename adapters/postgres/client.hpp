#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/nodes.hpp"
#include "adapters/postgres/position.hpp"
#include "adapters/postgres/server_connection.hpp"
#include "adapters/postgres/statements.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::postgres {

/// What all clients of a deployment share. Outlives them; constant but for `nodes`, which guards itself.
struct Shared {
  Nodes nodes;
  Statements statements;
  WalGeometry geometry;
  bool routed = false;  ///< one address with somebody behind it who chooses the server: nothing is known of positions

  explicit Shared(Statements all) : statements(std::move(all)) {}
};

/// The client of one process of one session: at most one connection to each node.
class PostgresClient : public Client {
 public:
  explicit PostgresClient(const Shared& shared) : shared_(shared) {}

  Reply call(const Call& call) override;
  Awaited await(const std::string& node, const std::string& position, Deadline deadline) override;

 private:
  /// The open connection to `node`, or why there is none.
  struct Access {
    ServerConnection* connection = nullptr;
    Failure failure = Failure::unknown_node;
    std::string error;
  };
  Access access(const std::string& node, Deadline deadline);
  Reply read(const Call& call, ServerConnection& connection);
  Reply write(const Call& call, ServerConnection& connection, const std::string& encoded);

  const Shared& shared_;
  std::map<std::string, std::unique_ptr<ServerConnection>> connections_;
};

}  // namespace afterwrite::postgres
