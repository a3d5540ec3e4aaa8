#include "harness/run/session_runner.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <stdexcept>

#include "harness/run/session_exchange.hpp"

namespace afterwrite {

using session_exchange::failed;
using session_exchange::role_of;

namespace {

constexpr Duration first_back_off = std::chrono::milliseconds(5);
constexpr int most_doublings = 6;  // up to 320 ms

// A wait for a position is cut into slices, so that the end of the run interrupts it.
constexpr Duration await_slice = std::chrono::milliseconds(250);

// So often a workload may ask for something after the run has ended before it counts as one that never looks.
constexpr std::uint64_t patience_with_workloads = 10'000;

Random seeded(std::uint64_t seed, std::size_t ordinal, std::uint32_t purpose) {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                         static_cast<std::uint32_t>(ordinal), purpose};
  return Random(sequence);
}

double in_milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

SessionRunner::SessionRunner(SessionSurroundings& surroundings, SessionIdentity identity)
    : surroundings_(surroundings),
      control_(surroundings.control),
      identity_(std::move(identity)),
      catalogue_(surroundings.deployment.catalogue()),
      random_(seeded(identity_.seed, identity_.ordinal, 0)),
      policy_random_(seeded(identity_.seed, identity_.ordinal, 1)) {
  assert(identity_.policy != nullptr);
  knowledge_.ordinal = identity_.ordinal;
  process_ = fmt::format("{}.{}", identity_.name, process_number_);
  const Topology topology = surroundings_.deployment.topology();
  checked_ = {topology.leader(), topology.epoch};
}

SessionRunner::~SessionRunner() = default;

Operation SessionRunner::read(const std::string& key, const Note& note) {
  return perform({.function = Function::read, .key = key, .value = {}, .list = false, .node = {}, .deadline = {}},
                 note);
}

Operation SessionRunner::read_list(const std::string& key, const Note& note) {
  return perform({.function = Function::read, .key = key, .value = {}, .list = true, .node = {}, .deadline = {}}, note);
}

Operation SessionRunner::write(const std::string& key, const Scalar& value, const Note& note) {
  return perform(
      {.function = Function::write, .key = key, .value = to_value(value), .list = false, .node = {}, .deadline = {}},
      note);
}

Operation SessionRunner::append(const std::string& key, const Scalar& value, const Note& note) {
  return perform(
      {.function = Function::append, .key = key, .value = to_value(value), .list = true, .node = {}, .deadline = {}},
      note);
}

Operation SessionRunner::remove(const std::string& key, const Note& note) {
  return perform({.function = Function::remove, .key = key, .value = {}, .list = false, .node = {}, .deadline = {}},
                 note);
}

bool SessionRunner::pause(Duration duration) {
  return control_.wait_until(Stage::loading, Clock::now() + duration);
}

Scalar SessionRunner::next_value() {
  return fmt::format("{}-{}", identity_.name, ++values_);
}

TouchedKeys SessionRunner::final_check(Deadline deadline) {
  return read_touched("final", Stage::checking, deadline);
}

Operation SessionRunner::perform(Call call, const Note& note) {
  if (!admitted()) return not_carried_out(call.function, call.key, call.value);
  Topology topology = surroundings_.deployment.topology();
  if (call.function != Function::read && !ready_to_write(topology)) return not_carried_out(call.function, call.key, call.value);
  Operation operation = carry_out(call, note, topology);
  done();
  return operation;
}

bool SessionRunner::ready_to_write(Topology& topology) {
  check_after_change(topology);
  return running();
}

void SessionRunner::done() const {
  if (identity_.counted) control_.return_ticket();
}

// Waits until the next operation may be invoked. False once the run is over.
bool SessionRunner::admitted() {
  if (!back_off(Stage::loading)) return false;
  if (!identity_.counted) return running();
  return control_.pace() && control_.take_ticket() && running();
}

Operation SessionRunner::not_carried_out(Function function, const std::string& key, const Value& value) {
  // A workload that repeats a failed call for ever would otherwise hold the whole run.
  if (++calls_after_end_ > patience_with_workloads) {
    throw std::logic_error("the workload goes on although the run is over: it does not look at Session::running()");
  }
  Operation operation;
  operation.session = identity_.name;
  operation.user = identity_.user;
  operation.function = function;
  operation.key = key;
  operation.value = value;
  operation.outcome = Outcome::fail;
  operation.invoke = operation.complete = surroundings_.clock.now();
  operation.error = "not carried out: the run is over";
  return operation;
}

// Before a write: under a new leader the session first looks at what it touched, because a write of its own would hide
// that an earlier one was lost. `topology` is what the write goes by, so that no later change slips in between: it
// would then go to the old leader.
void SessionRunner::check_after_change(Topology& topology) {
  while (running()) {
    const Leadership now{topology.leader(), topology.epoch};
    if (now.leader.empty() || now == checked_) return;
    if (!touched_.empty() && !checked_.leader.empty()) {
      if (surroundings_.await_settled) surroundings_.await_settled();
      const TouchedKeys keys = read_touched("leader-change", Stage::loading, Deadline::max());
      if (keys.unread > 0 && running()) {
        control_.note(
            fmt::format("session {}: {} of the {} keys that it touched did not answer after the leader changed",
                        identity_.name, keys.unread, keys.touched));
      }
    }
    checked_ = now;
    topology = surroundings_.deployment.topology();
  }
}

TouchedKeys SessionRunner::read_touched(const std::string& check, Stage stage, Deadline deadline) {
  TouchedKeys keys;
  keys.touched = touched_.size();
  const std::map<std::string, Touched> all = touched_;
  for (const auto& [key, touched] : all) {
    Note note{.intent = {}, .labels = touched.labels};
    note.labels.erase("promised");  // that was the view's
    note.labels["check"] = check;
    bool answered = false;
    for (int attempt = 0; attempt < attempts && !answered; ++attempt) {
      if (!back_off(stage) || Clock::now() >= deadline) break;
      Call call{.function = Function::read, .key = key, .value = {}, .list = touched.list, .node = {}, .deadline = {}};
      answered = carry_out(call, note, surroundings_.deployment.topology()).outcome == Outcome::ok;
    }
    if (!answered) ++keys.unread;
  }
  return keys;
}

Operation SessionRunner::carry_out(Call& call, const Note& note, const Topology& topology) {
  Touched& touched = touched_[call.key];
  touched.list = call.list;
  Operation operation = begun(call.function, call.key, call.value, note);
  if (operation.is_write()) touched.labels = note.labels;
  Reply reply = exchanged(std::span(&operation, 1), [&] {
    return operation.is_write() ? send_write(call, topology) : send_read(call, topology, operation);
  });
  if (!operation.is_write() && reply.outcome == Outcome::ok) operation.value = std::move(reply.value);
  operation.version = reply.version;
  came_back(operation, reply, call.node, topology);
  record(std::span(&operation, 1));
  learn(operation, call.node, reply.connection, topology);
  return operation;
}

Reply SessionRunner::send_write(Call& call, const Topology& topology) {
  call.node = topology.leader();
  if (call.node.empty()) return failed("there is no leader to write to");
  return send(call);
}

Reply SessionRunner::send_read(Call& call, const Topology& topology, Operation& operation) {
  if (std::optional<Reply> problem = choose_node(call.node, topology, operation)) return *std::move(problem);
  return send(call);
}

// By the session's read policy, and waits if that says so. Returns why there is none.
std::optional<Reply> SessionRunner::choose_node(std::string& node, const Topology& topology, Operation& operation) {
  const std::optional<ReadPlan> plan = identity_.policy->plan(knowledge_, topology, Clock::now(), policy_random_);
  if (!plan) return failed(fmt::format("the read policy {} finds no node that could serve", identity_.policy->name()));
  node = plan->node;
  if (!plan->await.empty()) {
    if (std::optional<Reply> problem = open_client()) return *std::move(problem);
    const Clock::time_point begin = Clock::now();
    const Awaited awaited = await_position(plan->node, plan->await, plan->wait);
    if (awaited.waited) operation.waited_ms = in_milliseconds(Clock::now() - begin);
    if (awaited.applied != Applied::reached) {
      operation.fallback = true;
      node = surroundings_.deployment.topology().leader();
      if (node.empty())
        return failed(
            fmt::format("{} has not reached {}, and there is no leader to fall back to", plan->node, plan->await));
    }
  }
  return std::nullopt;
}

Reply SessionRunner::send(Call& call) {
  if (std::optional<Reply> problem = open_client()) return *std::move(problem);
  call.deadline = Clock::now() + surroundings_.op_timeout;
  return client_->call(call);
}

// The process's client, opened when first needed. Nothing has been sent if that fails, so it certainly took no effect.
std::optional<Reply> SessionRunner::open_client() {
  if (client_) return std::nullopt;
  try {
    client_ = surroundings_.deployment.open_client(identity_.name);
    return std::nullopt;
  } catch (const std::exception& error) {
    return failed(fmt::format("no connection could be prepared: {}", error.what()));
  }
}

Awaited SessionRunner::await_position(const std::string& node, const std::string& position, Duration wait) {
  const Stage stage = control_.stage();
  const Deadline deadline = Clock::now() + wait;
  bool waited = false;
  for (;;) {
    const Deadline slice = std::min(deadline, Clock::now() + await_slice);
    const Awaited awaited = client_->await(node, position, slice);
    waited = waited || awaited.waited;
    const bool over = awaited.applied != Applied::not_yet || slice == deadline;
    // A client may stop looking a little before the slice ends; the next one begins where this one does.
    if (over || !control_.wait_until(stage, slice)) return {awaited.applied, waited};
  }
}

void SessionRunner::learn(const Operation& operation, const std::string& asked, Connection connection,
                          const Topology& topology) {
  failures_ = operation.outcome == Outcome::ok ? 0 : failures_ + 1;
  if (operation.outcome == Outcome::info) {
    client_.reset();
    process_ = fmt::format("{}.{}", identity_.name, ++process_number_);
  }
  const bool own_follower = !operation.is_write() && role_of(asked, topology) == Role::follower;
  if (own_follower && connection == Connection::refused) ++knowledge_.moves;
  if (operation.outcome != Outcome::ok) return;
  if (operation.is_write()) {
    knowledge_.last_acknowledged_write = surroundings_.clock.origin + Duration{operation.complete};
  }
  carry_token(operation.position, operation.is_write());
}

void SessionRunner::carry_token(const std::string& position, bool written) {
  if (position.empty()) return;
  if (written) last_write_position_ = position;
  if (knowledge_.token.empty()) {
    knowledge_.token = position;
    return;
  }
  const std::optional<bool> farther = surroundings_.deployment.at_least(position, knowledge_.token);
  if (farther) {
    if (*farther) knowledge_.token = position;
  } else {
    // Which of the two is later cannot be told. What was written must not be missed; who never wrote goes by the
    // latest.
    knowledge_.token = last_write_position_.empty() ? position : last_write_position_;
  }
}

// Waits after failures in a row, longer each time, so that a dead node is not asked as fast as it can refuse.
bool SessionRunner::back_off(Stage stage) {
  if (failures_ == 0) return control_.in(stage);
  return control_.wait_until(stage, Clock::now() + first_back_off * (1 << std::min(failures_ - 1, most_doublings)));
}

}  // namespace afterwrite
