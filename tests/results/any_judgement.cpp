#include "tests/results/any_judgement.hpp"

#include "tests/history/any_operation.hpp"

namespace afterwrite {
namespace {

template <typename T>
T any() {
  return *rc::gen::arbitrary<T>();
}

std::uint64_t any_count() {
  return *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
}
double any_share() {
  return *rc::gen::inRange(0, 1001) / 1000.0;
}
double any_milliseconds() {
  return *rc::gen::inRange(0, 100'000'000) / 999.0;
}
std::vector<std::string> any_texts() {
  return *rc::gen::resize(4, rc::gen::container<std::vector<std::string>>(any_text()));
}
std::size_t any_index(const History& history) {
  return *rc::gen::inRange<std::size_t>(0, history.operations.size());
}
std::vector<std::size_t> any_indices(const History& history, std::size_t least) {
  std::vector<std::size_t> indices(*rc::gen::inRange<std::size_t>(least, 5));
  for (std::size_t& index : indices)
    index = any_index(history);
  return indices;
}
Value any_value() {
  return any_value_for(Function::read, Outcome::ok);
}

Guarantees any_guarantees() {
  const bool across_keys = *rc::gen::inRange(0, 8) == 0;
  return across_keys ? only(Guarantee::causal) : Guarantees(*rc::gen::inRange(1ULL, 1ULL << guarantee_count));
}
Assumptions any_assumptions() {
  return Assumptions(*rc::gen::inRange(0ULL, 1ULL << assumption_count));
}

Violation any_violation(const History& history) {
  Violation violation;
  violation.guarantees = any_guarantees();
  violation.scope_name = *any_text();
  violation.key = *any_text();
  violation.operations = any_indices(history, 1);
  violation.operation = violation.operations.front();
  const auto edges = *rc::gen::inRange(0, 5);
  for (int i = 0; i < edges; ++i) {
    violation.cycle.push_back(
        {static_cast<EdgeKind>(*rc::gen::inRange(0, 13)), any_value(), any_value(), any_indices(history, 0)});
  }
  violation.expected = any_value();
  violation.observed = any_value();
  violation.assumptions = any_assumptions();
  violation.staleness_ms = any_milliseconds();
  if (any<bool>()) violation.versions_behind = any<std::int64_t>();
  violation.count = 1 + any_count();
  violation.faults = any_texts();
  violation.repeats = {{violation.operation, any_milliseconds(), std::nullopt}};
  violation.lost_at = *any_text();
  return violation;
}

Row any_row(const History& history) {
  Row row;
  row.guarantees = any_guarantees();
  row.scope = *rc::gen::element(Scope::session, Scope::user, Scope::process);
  row.group = *rc::gen::oneOf(rc::gen::just(std::string()), rc::gen::just(std::string("control")), any_text());
  row.verdict = *rc::gen::element(Verdict::held, Verdict::violated, Verdict::unknown);
  row.broken = any_count();
  row.violations = any_count();
  row.decided = any_count();
  row.at_risk = any_count();
  row.rate = any_share();
  row.rate_low = any_share();
  row.rate_high = any_share();
  row.assumptions = any_assumptions();
  row.dropped = any_texts();
  row.reason = *any_text();
  const auto entries = *rc::gen::inRange(0, 4);
  for (int i = 0; i < entries; ++i)
    row.entries.push_back(any_violation(history));
  return row;
}

FaultEpisode any_fault() {
  FaultEpisode episode;
  episode.episode = *any_text();
  episode.fault = *rc::gen::oneOf(rc::gen::just(std::string("failover")), any_text());
  episode.targets = any_texts();
  episode.start = *rc::gen::inRange<Nanoseconds>(0, 1'000'000'000'000);
  episode.end = *rc::gen::inRange<Nanoseconds>(0, 1'000'000'000'000);
  episode.bit = any<bool>();
  episode.proof = *any_text();
  episode.detail = {{*any_text(), *any_text()}, {"delay_ms", any_milliseconds()}};
  return episode;
}

History any_history() {
  History history;
  history.name = *any_text();
  history.header.system = *any_text();
  history.header.workload = *any_text();
  history.header.policy = *rc::gen::oneOf(
      rc::gen::element<std::string>("leader", "any-replica", "sticky-replica", "recent-writer:5s", "version-token"),
      any_text());
  // The validator takes integers beyond 63 bits for negative ones.
  if (any<bool>()) history.header.seed = *rc::gen::positive<std::int64_t>();
  if (any<bool>()) history.header.all["scenario"] = nlohmann::json::object();
  history.header.all[*any_text()] = *any_text();
  history.truncated = any<bool>();
  const auto operations = *rc::gen::inRange<std::size_t>(1, 7);
  for (std::size_t i = 0; i < operations; ++i) {
    history.operations.push_back(any_operation(i == 0 ? 0 : history.operations.back().complete));
    history.operations.back().line = any_count();
    if (*rc::gen::inRange(0, 4) == 0) history.operations.back().labels = {{"control", "true"}};
  }
  const auto samples = *rc::gen::inRange(0, 4);
  for (int i = 0; i < samples; ++i) {
    LagSample sample;
    sample.time = *rc::gen::inRange<Nanoseconds>(0, 1'000'000'000'000);
    sample.node = *rc::gen::oneOf(any_text(), rc::gen::just(history.operations.front().node));
    sample.reachable = any<bool>();
    sample.lag_ms = any_milliseconds();
    history.lags.push_back(sample);
  }
  return history;
}

}  // namespace

MadeUp any_judgement() {
  MadeUp made;
  made.history = any_history();
  Judgement& judgement = made.judgement;
  judgement.verdict = *rc::gen::element(Verdict::held, Verdict::violated, Verdict::unknown);
  const auto rows = *rc::gen::inRange(0, 4);
  for (int i = 0; i < rows; ++i)
    judgement.rows.push_back(any_row(made.history));
  const auto anomalies = *rc::gen::inRange(0, 3);
  for (int i = 0; i < anomalies; ++i)
    judgement.anomalies[*any_text()] = 1 + any_count();
  judgement.anomaly_examples = any_texts();
  const auto faults = *rc::gen::inRange(0, 3);
  for (int i = 0; i < faults; ++i)
    judgement.faults.push_back(any_fault());
  if (any<bool>()) {
    judgement.bank = BankSummary{any_count(), any_count(), any_count(), any<std::int64_t>(), any_texts()};
  }
  judgement.notes = any_texts();
  return made;
}

}  // namespace afterwrite
