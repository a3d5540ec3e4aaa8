#include "adapters/postgres/client.hpp"

#include <charconv>
#include <fmt/format.h>
#include <thread>

#include "adapters/postgres/scalars.hpp"

namespace afterwrite::postgres {
namespace {

constexpr Duration shortest_pause = std::chrono::microseconds(500);
constexpr Duration longest_pause = std::chrono::milliseconds(5);

Reply failed(const Call& call, Failure failure, const std::string& detail) {
  const Ruling& row = ruling(failure);
  Reply reply;
  reply.outcome = row.outcome;
  reply.connection = row.connection;
  reply.node = call.node;
  reply.error = detail.empty() ? std::string(row.meaning) : fmt::format("{}: {}", row.meaning, detail);
  return reply;
}

std::optional<std::int64_t> number(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return value;
}

std::optional<RecordedVersion> version_in(const Result& result, int column) {
  const auto version = number(field(result, 0, column));
  const auto epoch = number(field(result, 0, column + 1));
  if (!version || !epoch) return std::nullopt;
  return RecordedVersion{.epoch = *epoch, .version = *version};
}

std::optional<std::uint64_t> lsn_in(const Result& result, int column) {
  const auto text = field(result, 0, column);
  return text ? parse_lsn(*text) : std::nullopt;
}

Outcome outcome_of(const ServerError& error, bool is_write) {
  return outcome_of_error(error.sqlstate, error.severity, is_write);
}

/// Puts into `reply` why there is no answer; false if there is one.
bool without_answer(const Call& call, const Exchange& exchange, bool is_write, Reply& reply) {
  const Answer& answer = exchange.answers.front();
  if (answer.synced && !answer.error) return false;
  if (answer.synced) {
    reply.outcome = outcome_of(*answer.error, is_write);
    reply.error = fmt::format("{} ({})", answer.error->message, answer.error->sqlstate);
    return true;
  }
  // Where the server said why before it hung up, that is the better explanation.
  reply = failed(call, exchange.failure.value_or(Failure::strange_answer),
                 answer.error ? answer.error->message : exchange.error);
  return true;
}

}  // namespace

PostgresClient::Access PostgresClient::access(const std::string& node, Deadline deadline) {
  if (Clock::now() >= deadline) return {nullptr, Failure::deadline_before_sending, ""};
  if (const auto found = connections_.find(node); found != connections_.end()) {
    if (found->second->alive()) return {found->second.get(), {}, ""};
    connections_.erase(found);
    return {nullptr, Failure::lost_before_sending, ""};
  }
  const auto target = shared_.nodes.session(node);
  if (!target) return {nullptr, Failure::unknown_node, node};
  auto attempt = ServerConnection::open(*target, deadline);
  if (!attempt.connection) return {nullptr, attempt.failure, attempt.error};
  return {connections_.emplace(node, std::move(attempt.connection)).first->second.get(), {}, ""};
}

Reply PostgresClient::call(const Call& call) {
  std::string encoded;
  if (call.function == Function::write || call.function == Function::append) {
    if (is_null(call.value) || is_list(call.value)) {
      return failed(call, Failure::unsupported_value, "a write needs one string or integer");
    }
    auto text = encode(to_scalar(call.value));
    if (!text) return failed(call, Failure::unsupported_value, "a string with a zero byte");
    encoded = std::move(*text);
  }
  if (call.key.find('\0') != std::string::npos) {
    return failed(call, Failure::unsupported_value, "a key with a zero byte");
  }
  const Access access = this->access(call.node, call.deadline);
  if (access.connection == nullptr) return failed(call, access.failure, access.error);
  Reply reply =
      call.function == Function::read ? read(call, *access.connection) : write(call, *access.connection, encoded);
  if (reply.connection == Connection::lost) connections_.erase(call.node);
  return reply;
}

Reply PostgresClient::write(const Call& call, ServerConnection& connection, const std::string& encoded) {
  const Statements& statements = shared_.statements;
  Step step{&statements.remove, {call.key.c_str()}};
  if (call.function != Function::remove) {
    step.statement = call.function == Function::append ? &statements.append : &statements.write;
    step.parameters.push_back(encoded.c_str());
  }
  // A sync of its own for each: the first is the commit, so that the position is taken after it.
  std::vector<Group> groups{Group{step}};
  if (!shared_.routed) groups.push_back(Group{Step{&statements.insert_lsn, {}}});
  const Exchange exchange = connection.exchange(groups, call.deadline);

  Reply reply;
  reply.node = call.node;
  if (without_answer(call, exchange, /*is_write=*/true, reply)) return reply;
  const Answer& answer = exchange.answers.front();
  if (answer.sync_wait_ended) {
    reply = failed(call, Failure::sync_wait_ended, "");
  } else {
    reply.outcome = Outcome::ok;
    reply.role = shared_.routed ? Role::unknown : Role::leader;
    if (!answer.results.empty()) reply.version = version_in(answer.results.back(), 0);
    const bool position_known = exchange.answers.size() == 2 && !exchange.answers[1].results.empty();
    const auto lsn = position_known ? lsn_in(exchange.answers[1].results.back(), 0) : std::nullopt;
    if (lsn && reply.version) {
      reply.position = to_string(Position{reply.version->epoch, end_of_last_record(*lsn, shared_.geometry)});
    }
  }
  // The write was acknowledged; what came of the connection after that does not change it.
  if (exchange.failure) reply.connection = Connection::lost;
  return reply;
}

Reply PostgresClient::read(const Call& call, ServerConnection& connection) {
  const Statement& statement = call.list ? shared_.statements.read_list : shared_.statements.read;
  const std::vector<Group> groups{Group{Step{&statement, {call.key.c_str()}}}};
  const Exchange exchange = connection.exchange(groups, call.deadline);

  Reply reply;
  reply.node = call.node;
  if (without_answer(call, exchange, /*is_write=*/false, reply)) return reply;
  if (exchange.answers.front().results.empty()) return failed(call, Failure::strange_answer, "no result");
  const Result& result = exchange.answers.front().results.back();
  if (const auto text = field(result, 0, 0)) {
    const auto list = call.list ? decode_list(*text) : std::nullopt;
    const auto scalar = call.list ? std::nullopt : decode(*text);
    if (!list && !scalar) return failed(call, Failure::strange_answer, "a value that afterwrite did not write");
    reply.value = list ? Value(*list) : to_value(*scalar);
  }
  reply.outcome = Outcome::ok;
  reply.version = version_in(result, 1);
  if (const auto in_recovery = field(result, 0, 3)) reply.role = *in_recovery == "t" ? Role::follower : Role::leader;
  const auto lsn = lsn_in(result, 4);
  const auto timeline = number(field(result, 0, 5));
  if (lsn && timeline) {
    const std::uint64_t end = reply.role == Role::leader ? end_of_last_record(*lsn, shared_.geometry) : *lsn;
    reply.position = to_string(Position{*timeline, end});
  }
  return reply;
}

Awaited PostgresClient::await(const std::string& node, const std::string& position, Deadline deadline) {
  const auto wanted = parse_position(position);
  if (!wanted || shared_.routed) return {Applied::incomparable};
  const Access access = this->access(node, deadline);
  if (access.connection == nullptr) return {Applied::unreachable};
  const std::vector<Group> groups{Group{Step{&shared_.statements.progress, {}}}};
  Awaited last;
  Duration pause = shortest_pause;
  for (;;) {
    // Each look is a transaction of its own: inside one snapshot the wait would end and the read still be old.
    const auto asked = Clock::now();
    const Exchange exchange = access.connection->exchange(groups, deadline);
    if (exchange.failure) {
      connections_.erase(node);
      return last;
    }
    const Answer& answer = exchange.answers.front();
    const auto end = [&](Applied applied) { return Awaited{applied, last.waited}; };
    if (answer.error || answer.results.empty()) return end(Applied::unreachable);
    const Result& result = answer.results.back();
    const bool leads = field(result, 0, 0).value_or("") == "f";
    const auto lsn = lsn_in(result, 1);
    const auto timeline = number(field(result, 0, 2));
    if (timeline && wanted->timeline < std::max(*timeline, shared_.nodes.epoch_floor())) return end(Applied::incomparable);
    if (leads) return end(timeline == wanted->timeline ? Applied::reached : Applied::incomparable);
    if (lsn && timeline == wanted->timeline && *lsn >= wanted->lsn) return end(Applied::reached);
    last = {Applied::not_yet, true};

    // A look that the deadline would cut short costs the connection and tells nothing.
    const auto now = Clock::now();
    const auto last_look = deadline - 2 * (now - asked);
    if (now >= last_look) return last;
    std::this_thread::sleep_until(std::min(now + pause, last_look));
    pause = std::min(pause * 2, longest_pause);
  }
}

}  // namespace afterwrite::postgres
