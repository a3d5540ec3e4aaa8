#include "tests/results/made_up.hpp"

namespace afterwrite {

MadeUp any_replica_violated() {
  MadeUp made;
  History& history = made.history;
  history.name = "afterwrite-runs/demo/history.jsonl";
  history.header = audit_header("any-replica", "register");
  history.operations = {
      versioned(served(call(Function::write, "s3", "k1", text("s3-7"), 900, 901.2), "node-0", Role::leader), 7),
      versioned(served(call(Function::read, "s3", "k1", text("s3-6"), 1113.25, 1113.9), "node-2", Role::follower), 6),
      versioned(served(call(Function::read, "s4", "k1", text("s3-7"), 1120, 1120.6), "node-1", Role::follower), 7),
      versioned(served(call(Function::read, "s4", "k1", text("s3-6"), 1161, 1161.5), "node-2", Role::follower), 6)};
  history.lags = {sample(1150, "node-1", 0), sample(1150.4, "node-2", 503.1), sample(1200, "node-2", 512.3)};
  number_lines(history);

  Judgement& judgement = made.judgement;
  judgement.verdict = Verdict::violated;
  judgement.faults = {lag_episode()};
  Row writes = row_of(read_your_writes(), Verdict::violated, 37, 600, 412);
  set_rate(writes, 0.0898, 0.0641, 0.1217);
  writes.reason = "37 of 412 at-risk operations broke it";
  writes.entries = {stale_read()};
  Row reads = row_of(monotonic_reads(), Verdict::violated, 1, 600, 300);
  set_rate(reads, 0.00333, 0.0000844, 0.01843);
  reads.reason = "1 of 300 at-risk operations broke it";
  reads.assumptions = assumptions({Assumption::writer_order});
  reads.entries = {backwards_read()};
  Row both = row_of(read_your_writes() | monotonic_reads(), Verdict::violated, 0, 700, 420);
  both.broken = 38;
  both.listed_elsewhere = both.guarantees;
  set_rate(both, 0.0905, 0.0648, 0.1221);
  both.reason =
      "38 of 420 at-risk operations broke it, none only jointly; for the others see the rows read-your-writes, "
      "monotonic-reads";
  Row control = writes;
  control.group = "control";
  judgement.rows = {writes, reads, both, control};
  judgement.notes = {"what stands here must be known"};
  number_entries(made.judgement);
  return made;
}

MadeUp version_token_held() {
  MadeUp made;
  History& history = made.history;
  history.name = "history.jsonl";
  history.header = audit_header("version-token:wait=1s", "register");
  Operation waited = served(call(Function::read, "s1", "k2", text("s1-1"), 10, 222), "node-1", Role::follower);
  waited.waited_ms = 210.5;
  Operation fell_back = served(call(Function::read, "s1", "k2", text("s1-1"), 300, 1301), "node-0", Role::leader);
  fell_back.waited_ms = 1000;
  fell_back.fallback = true;
  history.operations = {served(call(Function::write, "s1", "k2", text("s1-1"), 1, 2.5), "node-0", Role::leader), waited,
                        fell_back,
                        served(call(Function::read, "s2", "k2", text("s1-1"), 2000, 2000.4), "node-1", Role::follower)};
  history.lags = {sample(100, "node-1", 498), sample(200, "node-1", 503)};
  number_lines(history);

  Judgement& judgement = made.judgement;
  judgement.verdict = Verdict::held;
  judgement.faults = {lag_episode()};
  for (const Guarantees& set : {read_your_writes(), monotonic_reads(), read_your_writes() | monotonic_reads()}) {
    Row row = row_of(set, Verdict::held, 0, 900, 412);
    set_rate(row, 0, 0, 0.0089);
    row.reason = "none of 412 at-risk operations broke it; below about 0.73 % at 95 % if they were independent";
    row.assumptions = assumptions({Assumption::writer_order, Assumption::realtime_writes, Assumption::one_clock});
    judgement.rows.push_back(row);
  }
  number_entries(made.judgement);
  return made;
}

MadeUp everything_in_doubt() {
  MadeUp made = version_token_held();
  History& history = made.history;
  history.header = audit_header("leader", "bank");
  history.truncated = true;
  Operation lost = call(Function::append, "s5", "ledger", std::int64_t{12}, 2100, 4100);
  lost.outcome = Outcome::info;
  lost.error = "no answer within 2 s";
  lost.intent = "transfer-12";
  Operation refused = call(Function::write, "s5", "k3", text("s5-2"), 4200, 4200.3);
  refused.outcome = Outcome::fail;
  refused.error = "connection refused";
  history.operations.push_back(lost);
  history.operations.push_back(refused);
  history.lags.push_back(sample(300, "node-1", 0, false));
  history.lags.push_back(sample(300, "node-2", 0, false));
  number_lines(history);

  Judgement& judgement = made.judgement;
  judgement.verdict = Verdict::unknown;
  FaultEpisode pause;
  pause.episode = "pause-replay-1";
  pause.fault = "pause-replay";
  pause.targets = {"node-1", "node-2"};
  pause.start = nanoseconds(2000);
  pause.end = nanoseconds(6000);
  pause.proof = "lag at node-1 grew by 3 ms in 4000 ms; no lag was sampled at node-2";
  judgement.faults.push_back(pause);
  judgement.rows = {row_of(read_your_writes(), Verdict::unknown, 0, 14, 3)};
  judgement.rows[0].reason = "only 3 of 14 decided operations were at risk (30 needed)";
  judgement.rows[0].dropped = {"writer-order on key k3: what was recorded contradicts it"};
  judgement.anomalies = {{"phantom-read", 2}, {"duplicate-value", 1}};
  judgement.anomaly_examples = {"phantom-read: line 7: s1 read 9 from key k3, which nobody wrote"};
  judgement.bank = BankSummary{.intents = 40,
                               .carried_out_twice = 3,
                               .twice_after_unknown_outcome = 1,
                               .money_moved_twice = 300,
                               .examples = {"transfer-7", "transfer-9"}};
  judgement.notes = {"the history has no footer: its recording was cut short"};
  number_entries(made.judgement);
  return made;
}

MadeUp lists_and_failover() {
  MadeUp made;
  History& history = made.history;
  history.name = "it's a run/history.jsonl";
  history.header = audit_header("leader", "append");
  Operation from_other = served(call(Function::write, "s2", "k1", text("s2-1"), 40, 41), "node-0", Role::leader);
  history.operations = {
      served(call(Function::append, "s1", "l1", text("s1-1"), 10, 11), "node-0", Role::leader),
      from_other,
      served(call(Function::read, "s1", "l1", List{Scalar{std::string("s9-1")}}, 3030, 3031), "node-1", Role::leader),
      served(call(Function::read, "s1", "k1", text("s2-1"), 3050, 3051), "node-1", Role::leader),
      served(call(Function::write, "s1", "k1", text("s1-5"), 3060, 3061), "node-1", Role::leader),
      served(call(Function::read, "s7", "k1", Value{}, 13070, 13071), "node-1", Role::leader)};
  number_lines(history);

  Judgement& judgement = made.judgement;
  judgement.verdict = Verdict::violated;
  FaultEpisode failover;
  failover.episode = "failover-1";
  failover.fault = "failover";
  failover.targets = {"node-0"};
  failover.start = nanoseconds(5);
  failover.end = nanoseconds(3000);
  failover.bit = true;
  failover.proof = "the new leader accepted a write";
  failover.detail = {{"promoted", "node-1"}, {"accepted_write", true}};
  judgement.faults = {failover};

  Violation missing;
  missing.guarantees = read_your_writes();
  missing.scope_name = "s1";
  missing.key = "l1";
  missing.operation = 2;
  missing.operations = {0, 2};
  missing.expected = text("s1-1");
  missing.observed = List{Scalar{std::string("s9-1")}};
  missing.cycle = {{EdgeKind::list_contents, missing.observed, missing.expected, {0, 2}}};
  missing.staleness_ms = 3019;
  missing.faults = {"failover-1"};
  missing.lost_at = "failover-1";
  Violation circle;
  circle.guarantees = read_your_writes() | monotonic_reads();
  circle.scope_name = "u1";
  circle.key = "k1";
  circle.operation = 5;
  circle.operations = {1, 3, 4, 5};
  circle.expected = text("s1-5");
  circle.observed = Value{};
  circle.cycle = {{EdgeKind::initial, Value{}, text("s2-1"), {}},
                  {EdgeKind::realtime_writes, text("s2-1"), text("s1-5"), {1, 4}},
                  {EdgeKind::read_your_writes, text("s1-5"), Value{}, {4, 5}}};
  circle.assumptions = assumptions({Assumption::realtime_writes, Assumption::one_clock});
  circle.staleness_ms = 10009;
  circle.versions_behind = 2;
  Row writes = row_of(read_your_writes(), Verdict::violated, 1, 5, 1);
  set_rate(writes, 1, 0.025, 1);
  writes.reason = "1 of 1 at-risk operations broke it";
  writes.entries = {missing};
  Row both = row_of(read_your_writes() | monotonic_reads(), Verdict::violated, 1, 5, 2);
  both.scope = Scope::user;
  set_rate(both, 0.5, 0.0126, 0.9874);
  both.reason = "1 of 2 at-risk operations broke it: 1 only jointly";
  both.assumptions = circle.assumptions;
  both.entries = {circle};
  judgement.rows = {writes, both};
  number_entries(made.judgement);
  return made;
}

MadeUp foreign_and_quiet() {
  MadeUp made;
  made.history.name = "ours.jsonl";
  made.history.truncated = true;
  made.history.operations = {call(Function::write, "ann", "bio", text("Engineer"), 1, 2)};
  number_lines(made.history);
  made.judgement.rows = {row_of(read_your_writes(), Verdict::unknown, 0, 0, 0),
                         row_of(only(Guarantee::writes_follow_reads), Verdict::unknown, 0, 0, 0)};
  made.judgement.rows[0].reason = "nothing was decided: no operation was owed anything whose order is known";
  made.judgement.rows[1].reason = "nothing recorded orders these writes";
  made.judgement.rows[1].group = "/profile";
  made.judgement.notes = {"no lag was sampled: at risk counts only what others were later seen to miss"};
  number_entries(made.judgement);
  return made;
}

MadeUp full_of(const std::string& hostile) {
  MadeUp made = any_replica_violated();
  History& history = made.history;
  history.name = hostile;
  history.header.system = history.header.policy = history.header.workload = hostile;
  history.header.all["command"] = hostile;
  history.header.all[hostile.empty() ? "x" : hostile] = hostile;
  for (Operation& operation : history.operations) {
    operation.session = operation.key = operation.node = operation.error = hostile;
    operation.value = hostile;
    operation.labels = {{hostile, hostile}};
  }
  history.operations[0].outcome = Outcome::fail;
  history.operations[1].value = List{hostile, std::int64_t{1}};
  for (LagSample& lag : history.lags)
    lag.node = hostile;
  Judgement& judgement = made.judgement;
  for (FaultEpisode& episode : judgement.faults) {
    episode.episode = episode.fault = episode.proof = hostile;
    episode.targets = {hostile, hostile};
    episode.detail[hostile.empty() ? "x" : hostile] = hostile;
  }
  for (Row& row : judgement.rows) {
    row.group = row.reason = hostile;
    row.dropped = {hostile};
    for (Violation& violation : row.entries) {
      violation.scope_name = violation.key = hostile;
      violation.expected = violation.observed = hostile;
      violation.faults = {hostile};
      violation.lost_at = hostile;
      for (Edge& edge : violation.cycle)
        edge.older = edge.newer = hostile;
    }
  }
  judgement.rows[2].verdict = Verdict::unknown;
  judgement.anomalies = {{hostile, 1}};
  judgement.anomaly_examples = {hostile};
  judgement.notes = {hostile};
  judgement.bank = BankSummary{};
  judgement.bank->examples = {hostile};
  number_entries(made.judgement);
  return made;
}

}  // namespace afterwrite
