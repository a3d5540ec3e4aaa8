#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

// What the made-up histories and judgements are put together from. Times are milliseconds of the run.

Nanoseconds nanoseconds(double milliseconds);
Guarantees read_your_writes();
Guarantees monotonic_reads();
Assumptions assumptions(std::initializer_list<Assumption> all);
Value text(const char* value);
Header audit_header(const std::string& policy, const std::string& workload);
void number_lines(History& history);
LagSample sample(double time_ms, const std::string& node, double lag_ms, bool reachable = true);
FaultEpisode lag_episode();
void set_rate(Row& row, double rate, double low, double high);
Violation stale_read();
Violation backwards_read();

/// One call, in milliseconds of the run.
Operation call(Function function, const std::string& session, const std::string& key, Value value, double invoke_ms,
               double complete_ms);
Operation served(Operation operation, const std::string& node, Role role);
Operation versioned(Operation operation, std::int64_t version);

Row row_of(Guarantees guarantees, Verdict verdict, std::uint64_t violations, std::uint64_t decided,
           std::uint64_t at_risk);

}  // namespace afterwrite
