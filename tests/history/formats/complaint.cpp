#include "tests/history/formats/complaint.hpp"

#include <fmt/format.h>

namespace afterwrite {

std::string shown(const Operation& operation) {
  return fmt::format("{} {} {} {} {} [{},{}]{} @{}", operation.session, to_string(operation.function), operation.key,
                     display(operation.value), to_string(operation.outcome), operation.invoke, operation.complete,
                     operation.txn.empty() ? "" : " txn " + operation.txn, operation.line);
}

std::vector<std::string> shown(const History& history) {
  std::vector<std::string> all;
  for (const Operation& operation : history.operations)
    all.push_back(shown(operation));
  return all;
}

}  // namespace afterwrite
