// How operations come about, and what of a session's calls concerns several keys at once.
#include <fmt/format.h>

#include "harness/run/session_exchange.hpp"
#include "harness/run/session_runner.hpp"

namespace afterwrite {

using session_exchange::failed;
using session_exchange::role_of;

std::vector<Operation> SessionRunner::look(const View& view, std::span<const Sought> keys, const Note& note) {
  if (keys.empty()) return {};
  if (!admitted()) return {not_carried_out(Function::read, keys.front().key, {})};
  const Topology topology = surroundings_.deployment.topology();
  std::vector<Operation> asked;
  for (const Sought& sought : keys) {
    Note one{.intent = note.intent, .labels = note.labels};
    one.labels.insert(sought.labels.begin(), sought.labels.end());
    one.labels["route"] = view.name;
    touched_[sought.key].labels = sought.labels;
    asked.push_back(begun(Function::read, sought.key, {}, one));
    asked.back().invoke = asked.front().invoke;
  }
  Look look{.view = view, .keys = keys, .node = view.node, .deadline = {}};
  Sights sights = exchanged(asked, [&]() -> Sights {
    if (look.node.empty()) {
      if (auto problem = choose_node(look.node, topology, asked.front())) return {*std::move(problem), {}};
    }
    if (auto problem = open_client()) return {*std::move(problem), {}};
    look.deadline = Clock::now() + surroundings_.op_timeout;
    return client_->look_at(look);
  });
  std::vector<Operation> operations = told(std::move(asked), std::move(sights), look, topology);
  done();
  return operations;
}

// Records what was decided, or, if the look gave no answer, that there was none for any key.
std::vector<Operation> SessionRunner::told(std::vector<Operation> asked, Sights&& sights, const Look& look,
                                           const Topology& topology) {
  const bool ok = sights.reply.outcome == Outcome::ok;
  if (ok && sights.found.size() != asked.size()) {
    throw std::logic_error(
        fmt::format("the client told of {} keys where {} were asked for", sights.found.size(), asked.size()));
  }
  Operation whole = asked.front();
  came_back(whole, sights.reply, look.node, topology);
  std::vector<Operation> operations;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (ok && !sights.found[i].decided) continue;
    Operation& operation = operations.emplace_back(std::move(asked[i]));
    operation.waited_ms = whole.waited_ms;
    operation.fallback = whole.fallback;
    came_back(operation, sights.reply, look.node, topology);
    if (!ok) continue;
    operation.value = std::move(sights.found[i].value);
    for (auto& [name, value] : sights.found[i].labels)
      operation.labels[name] = std::move(value);
  }
  record(operations);
  if (operations.empty()) whole.complete = surroundings_.clock.now();
  learn(operations.empty() ? whole : operations.front(), look.node, sights.reply.connection, topology);
  return operations;
}

std::vector<Operation> SessionRunner::write_together(std::span<const Put> puts, const Note& note) {
  if (puts.empty()) return {};
  if (!admitted()) return {not_carried_out(Function::write, puts.front().key, {})};
  Topology topology = surroundings_.deployment.topology();
  if (!ready_to_write(topology)) return {not_carried_out(Function::write, puts.front().key, {})};
  std::vector<Operation> operations;
  for (const Put& put : puts) {
    touched_[put.key].labels = note.labels;
    operations.push_back(begun(Function::write, put.key, to_value(put.value), note));
    operations.back().invoke = operations.front().invoke;
  }
  Commit commit{.puts = puts, .node = topology.leader(), .deadline = {}};
  const Reply reply = exchanged(operations, [&] {
    if (commit.node.empty()) return failed("there is no leader to write to");
    if (auto problem = open_client()) return *std::move(problem);
    commit.deadline = Clock::now() + surroundings_.op_timeout;
    return client_->commit(commit);
  });
  for (Operation& operation : operations)
    came_back(operation, reply, commit.node, topology);
  record(operations);
  learn(operations.front(), commit.node, reply.connection, topology);
  done();
  return operations;
}

Condition SessionRunner::condition() const {
  return surroundings_.conditions == nullptr ? Condition{} : surroundings_.conditions->now();
}

// Stamps `invoke`.
Operation SessionRunner::begun(Function function, const std::string& key, const Value& value, const Note& note) {
  Operation operation;
  operation.session = identity_.name;
  operation.user = identity_.user;
  operation.process = process_;
  operation.function = function;
  operation.key = key;
  operation.value = value;
  operation.intent = note.intent;
  operation.labels = note.labels;
  operation.labels.insert(identity_.labels.begin(), identity_.labels.end());
  operation.invoke = surroundings_.clock.now();
  const bool conditioned = surroundings_.conditions != nullptr && !catalogue_.empty();
  if (conditioned && operation.is_write()) surroundings_.conditions->writing(key, operation.invoke);
  return operation;
}

// `asked`: the node. The value and the version are the caller's to take over.
void SessionRunner::came_back(Operation& operation, const Reply& reply, const std::string& asked,
                              const Topology& topology) {
  operation.outcome = reply.outcome;
  operation.node = reply.node.empty() ? asked : reply.node;
  operation.role = reply.role == Role::unknown ? role_of(operation.node, topology) : reply.role;
  operation.position = reply.position;
  if (reply.outcome != Outcome::ok) operation.error = reply.error.empty() ? "it gave no reason" : reply.error;
  operation.labels.insert(reply.labels.begin(), reply.labels.end());
  const bool conditioned = surroundings_.conditions != nullptr && !catalogue_.empty();
  if (conditioned && !operation.is_write())
    operation.labels["condition"] = surroundings_.conditions->of_read(operation.key);
}

// The recorder stamps `complete`, and these get it too.
void SessionRunner::record(std::span<Operation> operations) {
  if (operations.empty()) return;
  std::vector<Operation> copies(operations.begin(), operations.end());
  const Nanoseconds complete = surroundings_.recorder.complete(std::span(copies));
  for (Operation& operation : operations)
    operation.complete = complete;
}

}  // namespace afterwrite
