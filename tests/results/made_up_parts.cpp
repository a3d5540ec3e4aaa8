#include "tests/results/made_up_parts.hpp"

#include <algorithm>
#include <utility>

namespace afterwrite {

namespace {

constexpr double nanoseconds_a_millisecond = 1e6;

}  // namespace

Nanoseconds nanoseconds(double milliseconds) {
  return static_cast<Nanoseconds>(milliseconds * nanoseconds_a_millisecond);
}

Guarantees read_your_writes() {
  return only(Guarantee::read_your_writes);
}
Guarantees monotonic_reads() {
  return only(Guarantee::monotonic_reads);
}

Assumptions assumptions(std::initializer_list<Assumption> all) {
  Assumptions set;
  for (const Assumption one : all)
    set.set(static_cast<std::size_t>(one));
  return set;
}

Value text(const char* value) {
  return std::string(value);
}

Header audit_header(const std::string& policy, const std::string& workload) {
  Header header;
  header.system = "postgres";
  header.workload = workload;
  header.policy = policy;
  header.seed = 42;
  header.assume = std::vector<std::string>{"writer-order", "realtime-writes", "one-clock"};
  header.all = {{"kind", "header"},
                {"schema", "afterwrite.history/1"},
                {"system", "postgres"},
                {"command", "afterwrite audit postgres --lag 500ms --read-policy " + policy + " --seed 42"},
                {"deployment", {{"server", "PostgreSQL 15.8"}}},
                {"nodes", {{{"name", "node-0"}, {"role", "leader"}}, {{"name", "node-2"}, {"role", "follower"}}}},
                {"scenario", {{"system", "postgres"}, {"followers", 2}}},
                {"min_at_risk", 30}};
  return header;
}

void number_lines(History& history) {
  std::uint64_t line = 2;
  for (Operation& operation : history.operations)
    operation.line = line++;
  for (LagSample& sample : history.lags)
    sample.line = line++;
}

LagSample sample(double time_ms, const std::string& node, double lag_ms, bool reachable) {
  LagSample lag;
  lag.time = nanoseconds(time_ms);
  lag.node = node;
  lag.lag_ms = lag_ms;
  lag.reachable = reachable;
  return lag;
}

FaultEpisode lag_episode() {
  FaultEpisode episode;
  episode.episode = "lag-1";
  episode.fault = "lag";
  episode.targets = {"node-2"};
  episode.start = 0;
  episode.end = nanoseconds(10'000);
  episode.bit = true;
  episode.proof = "lag at node-2 reached the 500 ms asked";
  episode.detail = {{"delay_ms", 500}};
  return episode;
}

void set_rate(Row& row, double rate, double low, double high) {
  row.rate = rate;
  row.rate_low = low;
  row.rate_high = high;
}

Violation stale_read() {
  Violation violation;
  violation.guarantees = read_your_writes();
  violation.scope_name = "s3";
  violation.key = "k1";
  violation.operation = 1;
  violation.operations = {0, 1};
  violation.cycle = {{EdgeKind::recorded_version, text("s3-6"), text("s3-7"), {1, 0}},
                     {EdgeKind::read_your_writes, text("s3-7"), text("s3-6"), {0, 1}}};
  violation.expected = text("s3-7");
  violation.observed = text("s3-6");
  violation.staleness_ms = 212.05;
  violation.versions_behind = 1;
  violation.faults = {"lag-1"};
  return violation;
}

Violation backwards_read() {
  Violation violation;
  violation.guarantees = monotonic_reads();
  violation.scope_name = "s4";
  violation.key = "k1";
  violation.operation = 3;
  violation.operations = {0, 2, 3};
  violation.cycle = {{EdgeKind::writer_order, text("s3-6"), text("s3-7"), {0}},
                     {EdgeKind::monotonic_reads, text("s3-7"), text("s3-6"), {2, 3}}};
  violation.expected = text("s3-7");
  violation.observed = text("s3-6");
  violation.assumptions = assumptions({Assumption::writer_order});
  violation.staleness_ms = 41;
  violation.count = 3;
  violation.repeats = {{.operation = 0, .staleness_ms = 55, .versions_behind = std::nullopt},
                       {.operation = 2, .staleness_ms = 20, .versions_behind = std::nullopt}};
  violation.faults = {"lag-1"};
  return violation;
}

Operation call(Function function, const std::string& session, const std::string& key, Value value, double invoke_ms,
               double complete_ms) {
  Operation operation;
  operation.session = session;
  operation.user = "u" + session.substr(std::min<std::size_t>(1, session.size()));
  operation.process = session + ".0";
  operation.function = function;
  operation.key = key;
  operation.value = std::move(value);
  operation.outcome = Outcome::ok;
  operation.invoke = nanoseconds(invoke_ms);
  operation.complete = nanoseconds(complete_ms);
  return operation;
}

Operation served(Operation operation, const std::string& node, Role role) {
  operation.node = node;
  operation.role = role;
  return operation;
}

Operation versioned(Operation operation, std::int64_t version) {
  operation.version = RecordedVersion{1, version};
  return operation;
}

Row row_of(Guarantees guarantees, Verdict verdict, std::uint64_t violations, std::uint64_t decided,
           std::uint64_t at_risk) {
  Row row;
  row.guarantees = guarantees;
  row.verdict = verdict;
  row.broken = row.violations = violations;
  row.decided = decided;
  row.at_risk = at_risk;
  return row;
}

}  // namespace afterwrite
