#pragma once

#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/postgres/outcomes.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::postgres {

/// How to reach a server: libpq's connection parameters, a password among them perhaps, so `shown` is what messages and
/// reports may say.
struct Target {
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string shown;

  /// Sets a parameter, in place of one of the same name.
  void set(const std::string& name, const std::string& value);
};

/// A statement of ours. Two of them never share a name. Identified by its address: keep it where it is.
struct Statement {
  std::string name;  ///< prepared on a connection when it is first used there; empty: parsed anew each time
  std::string sql;
};

/// One execution. The texts stay the caller's until exchange() returns; null is SQL's NULL.
struct Step {
  const Statement* statement = nullptr;
  std::vector<const char*> parameters;
};

/// What is committed together: everything up to one sync.
using Group = std::vector<Step>;

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultDeleter>;

/// One value of a result; nothing if it is NULL or if there is no such row.
std::optional<std::string_view> field(const Result& result, int row, int column);

struct ServerError {
  std::string sqlstate;
  std::string severity;
  std::string message;
};

/// What came back for one group.
struct Answer {
  std::vector<Result> results;  ///< of the steps, in order, as far as they were carried out
  std::optional<ServerError> error;
  bool synced = false;           ///< the server confirmed the end of the transaction
  bool sync_wait_ended = false;  ///< it warned that the commit might not have been replicated
};

struct Exchange {
  std::vector<Answer> answers;     ///< one for each group, in order
  std::optional<Failure> failure;  ///< the connection is of no use any more
  std::string error;               ///< what libpq says of it, one line
};

/// One connection to one server over libpq, non-blocking, in pipeline mode, with deadlines of our own:
/// `statement_timeout` and `connect_timeout` are the server's and the library's, and neither fires across a partition
/// or during the wait for followers. Nothing is ever retried. Used by one thread. Closing never blocks.
class ServerConnection {
 public:
  /// What became of an attempt to connect: a connection, or a failure (refused or connect_timed_out) and why.
  struct Attempt {
    std::unique_ptr<ServerConnection> connection;
    Failure failure = Failure::refused;
    std::string error;
  };
  static Attempt open(const Target& target, Deadline deadline);

  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;
  ~ServerConnection() = default;

  /// False if the server is known to have hung up since the last exchange, unless that was a millisecond ago. Does not wait.
  bool alive();

  /// Sends all groups at once and waits for their answers. After a failure the connection must be destroyed.
  Exchange exchange(std::span<const Group> groups, Deadline deadline);

  /// The connection as libpq knows it (PQhostaddr, PQserverVersion ...), for reading only.
  const PGconn* raw() const { return connection_.get(); }

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Pending;

  ServerConnection() = default;
  static void notice(void* self, const PGresult* result);
  bool send(std::span<const Group> groups, Pending& pending);
  bool send_step(const Step& step, std::size_t group, Pending& pending);
  void drain(Pending& pending, Exchange& exchange);
  void take(Result result, Pending& pending, Exchange& exchange);

  std::unique_ptr<PGconn, Closer> connection_;
  std::set<const Statement*> prepared_;
  bool sync_wait_ended_ = false;
  Clock::time_point answered_{};  // when the last exchange was complete
};

/// The first line of a message of libpq's, without its line end.
std::string first_line(std::string_view message);

}  // namespace afterwrite::postgres
