#include "harness/history/formats/conversion.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/history/text.hpp"

namespace afterwrite {

void add_what_was_undone(const History& history, const Acknowledgement& acknowledgement, Losses& losses) {
  const auto undone = std::count_if(history.operations.begin(), history.operations.end(),
                                    [&](const Operation& op) { return acknowledgement.outcome(op) != op.outcome; });
  if (undone == 0) return;
  losses.push_back(
      fmt::format("written as of unknown outcome: {} of transactions that were not acknowledged as a whole",
                  counted(static_cast<std::uint64_t>(undone), "operation")));
}

}  // namespace afterwrite
