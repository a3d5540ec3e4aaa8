#include "harness/history/formats/conversion.hpp"
#include "harness/history/writer.hpp"

namespace afterwrite {
namespace {

bool says_anything(const Header& header) {
  return !header.all.empty() || header.assume || header.seed || !header.system.empty() || !header.workload.empty() ||
         !header.policy.empty();
}

}  // namespace

Losses write_jsonl(const History& history, const TextSink& sink) {
  std::string text;
  if (says_anything(history.header)) text = header_line(history.header) + '\n';
  auto fault = history.faults.begin();
  auto lag = history.lags.begin();
  // Faults and lag samples stood among the operations of the same file; each list is in its order.
  const auto write_until = [&](std::uint64_t line) {
    while (true) {
      const bool fault_due = fault != history.faults.end() && fault->line < line;
      const bool lag_due = lag != history.lags.end() && lag->line < line;
      if (!fault_due && !lag_due) return;
      if (fault_due && (!lag_due || fault->line < lag->line)) {
        text += fault_line(*fault++) + '\n';
      } else {
        text += lag_line(*lag++) + '\n';
      }
    }
  };
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    write_until(history.operations[i].line);
    append_operation_line(text, history.operations[i], i);
    text += '\n';
    sink(text);
    text.clear();
  }
  write_until(UINT64_MAX);
  if (!history.truncated) text += footer_line(history.operations.size(), history.footer) + '\n';
  sink(text);
  return {};
}

}  // namespace afterwrite
