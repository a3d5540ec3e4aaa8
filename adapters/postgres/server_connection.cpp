#include "adapters/postgres/server_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>

namespace afterwrite::postgres {
namespace {

enum class Readiness { ready, timed_out };

/// Waits for the socket until the deadline, to the nanosecond (poll() itself counts in milliseconds).
Readiness wait_for(int socket, short events, Deadline deadline) {
  for (;;) {
    const auto left = std::max(Duration{0}, std::chrono::duration_cast<Duration>(deadline - Clock::now()));
    const timespec timeout{.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000),
                           .tv_nsec = static_cast<long>(left.count() % 1'000'000'000)};
    pollfd descriptor{.fd = socket, .events = events, .revents = 0};
    const int count = ppoll(&descriptor, 1, &timeout, nullptr);
    if (count > 0) return Readiness::ready;
    if (count == 0) return Readiness::timed_out;
    if (errno != EINTR) return Readiness::ready;  // the next call of libpq says what is wrong
  }
}

/// While it lives, what is written to the socket is gathered: libpq sends at every sync, and each packet costs the server a wake-up
/// of its own. Does nothing for a socket that is not TCP.
class Gathered {
 public:
  explicit Gathered(int socket) : socket_(socket) { set(1); }
  Gathered(const Gathered&) = delete;
  Gathered& operator=(const Gathered&) = delete;
  ~Gathered() { set(0); }

 private:
  void set(int on) const { static_cast<void>(setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof on)); }
  int socket_;
};

bool readable_now(int socket) {
  pollfd descriptor{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&descriptor, 1, 0) != 0;
}

ServerError error_of(const PGresult* result) {
  const auto text = [result](int code) {
    const char* value = PQresultErrorField(result, code);
    return std::string(value == nullptr ? "" : value);
  };
  ServerError error{text(PG_DIAG_SQLSTATE), text(PG_DIAG_SEVERITY_NONLOCALIZED), text(PG_DIAG_MESSAGE_PRIMARY)};
  if (error.message.empty()) error.message = first_line(PQresultErrorMessage(result));
  return error;
}

}  // namespace

void Target::set(const std::string& name, const std::string& value) {
  std::erase_if(parameters, [&](const auto& parameter) { return parameter.first == name; });
  parameters.emplace_back(name, value);
}

std::string first_line(std::string_view message) {
  const auto end = message.find('\n');
  return std::string(message.substr(0, end));
}

std::optional<std::string_view> field(const Result& result, int row, int column) {
  if (!result || row >= PQntuples(result.get()) || column >= PQnfields(result.get())) return std::nullopt;
  if (PQgetisnull(result.get(), row, column) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(result.get(), row, column),
                          static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
}

ServerConnection::Attempt ServerConnection::open(const Target& target, Deadline deadline) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : target.parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);

  std::unique_ptr<ServerConnection> self(new ServerConnection);
  self->connection_.reset(PQconnectStartParams(names.data(), values.data(), /*expand_dbname=*/0));
  PGconn* const raw = self->connection_.get();
  if (raw == nullptr) return {nullptr, Failure::refused, "out of memory"};
  PQsetNoticeReceiver(raw, &ServerConnection::notice, self.get());

  PostgresPollingStatusType status = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
    const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (wait_for(PQsocket(raw), events, deadline) == Readiness::timed_out) {
      return {nullptr, Failure::connect_timed_out, target.shown};
    }
    status = PQconnectPoll(raw);
  }
  if (status == PGRES_POLLING_FAILED) return {nullptr, Failure::refused, first_line(PQerrorMessage(raw))};
  if (PQsetnonblocking(raw, 1) != 0 || PQenterPipelineMode(raw) != 1) {
    return {nullptr, Failure::refused, first_line(PQerrorMessage(raw))};
  }
  return {std::move(self), Failure::refused, ""};
}

void ServerConnection::notice(void* self, const PGresult* result) {
  // The name of the reporting function, because the text itself may be translated.
  const char* function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
  const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  const bool from_sync_wait = function != nullptr && std::string_view(function) == "SyncRepWaitForLSN";
  const bool says_so =
      detail != nullptr && std::string_view(detail).find("committed locally") != std::string_view::npos;
  if (from_sync_wait || says_so) static_cast<ServerConnection*>(self)->sync_wait_ended_ = true;
}

bool ServerConnection::alive() {
  // It answered just now. To ask again would cost a session without pauses a noticeable part of its speed; and should the server
  // end in this very moment, the outcome is unsure instead of a certain failure, which is true as well.
  if (Clock::now() - answered_ < std::chrono::milliseconds(1)) return true;
  PGconn* const raw = connection_.get();
  // A server that ends says so before it hangs up; what it says and the hang-up may come in several pieces.
  while (PQstatus(raw) == CONNECTION_OK && readable_now(PQsocket(raw))) {
    if (PQconsumeInput(raw) == 0) return false;
    PQisBusy(raw);  // looks at what came, notices among it
  }
  return PQstatus(raw) == CONNECTION_OK;
}

/// What was sent and not yet answered.
struct ServerConnection::Pending {
  struct Command {
    std::size_t group;
    const Statement* preparing;  ///< null: an execution
    bool sync;
    bool answered = false;
  };
  std::deque<Command> commands;
};

bool ServerConnection::send_step(const Step& step, std::size_t group, Pending& pending) {
  PGconn* const raw = connection_.get();
  const Statement& statement = *step.statement;
  const int count = static_cast<int>(step.parameters.size());
  if (statement.name.empty()) {
    pending.commands.push_back({group, nullptr, false});
    return PQsendQueryParams(raw, statement.sql.c_str(), count, nullptr, step.parameters.data(), nullptr, nullptr, 0) ==
           1;
  }
  const bool preparing = std::any_of(pending.commands.begin(), pending.commands.end(),
                                     [&](const auto& command) { return command.preparing == &statement; });
  if (!preparing && !prepared_.contains(&statement)) {
    pending.commands.push_back({group, &statement, false});
    if (PQsendPrepare(raw, statement.name.c_str(), statement.sql.c_str(), 0, nullptr) != 1) return false;
  }
  pending.commands.push_back({group, nullptr, false});
  return PQsendQueryPrepared(raw, statement.name.c_str(), count, step.parameters.data(), nullptr, nullptr, 0) == 1;
}

bool ServerConnection::send(std::span<const Group> groups, Pending& pending) {
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const Step& step : groups[group]) {
      if (!send_step(step, group, pending)) return false;
    }
    pending.commands.push_back({group, nullptr, true});
    if (PQpipelineSync(connection_.get()) != 1) return false;
  }
  return true;
}

void ServerConnection::take(Result result, Pending& pending, Exchange& exchange) {
  Pending::Command& command = pending.commands.front();
  Answer& answer = exchange.answers[command.group];
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_PIPELINE_SYNC) {
    answer.synced = true;
    answer.sync_wait_ended = std::exchange(sync_wait_ended_, false);
    pending.commands.pop_front();
    return;
  }
  command.answered = true;
  if (status == PGRES_FATAL_ERROR) {
    if (!answer.error) answer.error = error_of(result.get());
  } else if (status == PGRES_COMMAND_OK && command.preparing != nullptr) {
    prepared_.insert(command.preparing);
  } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    answer.results.push_back(std::move(result));
  }
  // What is left is PGRES_PIPELINE_ABORTED: skipped because of an error before it.
}

void ServerConnection::drain(Pending& pending, Exchange& exchange) {
  PGconn* const raw = connection_.get();
  bool stuck = false;
  while (!pending.commands.empty() && !stuck && PQisBusy(raw) == 0) {
    Result result(PQgetResult(raw));
    if (result) {
      take(std::move(result), pending, exchange);
    } else if (pending.commands.front().answered) {
      pending.commands.pop_front();  // null ends the results of one command
    } else {
      // Of a broken connection libpq gives nulls for ever.
      stuck = true;
    }
  }
}

Exchange ServerConnection::exchange(std::span<const Group> groups, Deadline deadline) {
  PGconn* const raw = connection_.get();
  Exchange exchange;
  exchange.answers.resize(groups.size());
  Pending pending;
  sync_wait_ended_ = false;
  bool open = false;
  {
    std::optional<Gathered> gathered;
    if (groups.size() > 1) gathered.emplace(PQsocket(raw));
    open = send(groups, pending);
  }
  while (open) {
    const int unsent = PQflush(raw);
    open = unsent >= 0;
    drain(pending, exchange);
    if (pending.commands.empty()) {
      answered_ = Clock::now();
      return exchange;
    }
    if (!open || PQstatus(raw) == CONNECTION_BAD || PQsocket(raw) < 0) break;
    const short events = static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN);
    if (wait_for(PQsocket(raw), events, deadline) == Readiness::timed_out) {
      exchange.failure = Failure::timed_out;
      return exchange;
    }
    if (PQconsumeInput(raw) == 0) {
      drain(pending, exchange);  // the answer may have come just before the end
      break;
    }
  }
  // libpq says it in the result as well, and there first: its message of the connection may be empty by now.
  exchange.error = first_line(PQerrorMessage(raw));
  exchange.failure = Failure::lost;
  if (!pending.commands.empty()) {
    Answer& answer = exchange.answers[pending.commands.front().group];
    answer.sync_wait_ended = answer.sync_wait_ended || sync_wait_ended_;
    if (exchange.error.empty() && answer.error) exchange.error = answer.error->message;
  }
  return exchange;
}

}  // namespace afterwrite::postgres
