// Judges a history that was never in a file: operations in, verdicts out. docs/library.md explains it.

#include <iostream>

#include "checkers/judge.hpp"

using namespace afterwrite;

/// One call that was answered, with its times in nanoseconds of one monotonic clock.
Operation call(const char* session, Function function, const char* key, Value value, Nanoseconds invoke,
               Nanoseconds complete) {
  Operation operation;
  operation.session = session;
  operation.function = function;
  operation.key = key;
  operation.value = std::move(value);
  operation.outcome = Outcome::ok;
  operation.invoke = invoke;
  operation.complete = complete;
  return operation;
}

int main() {
  History history;
  history.operations = {  // in order of completion
      call("ann", Function::write, "bio", std::string("Student"), 1000, 2000),
      call("ann", Function::write, "bio", std::string("Engineer"), 3000, 4000),
      call("ann", Function::read, "bio", std::string("Student"), 5000, 5500),
  };

  const Judgement judgement = judge(history);

  for (const Row& row : judgement.rows) {
    std::cout << to_string(row.guarantees) << ": " << to_string(row.verdict) << " (" << row.reason << ")\n";
    for (const Violation& violation : row.entries) {
      std::cout << "  " << violation.scope_name << " read " << display(violation.observed) << " of " << violation.key
                << ", which is older than " << display(violation.expected) << "\n";
    }
  }
  return judgement.verdict == Verdict::violated ? 1 : 0;
}
