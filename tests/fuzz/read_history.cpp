// Bytes as a history: the first chooses the format (or leaves it to the content) and what else is told about it, the others are the file.
// Whatever comes is a history in order or a BadHistory with one line of text; what is a history survives being written.

#include <optional>
#include <string_view>

#include "harness/history/reader.hpp"
#include "harness/history/writer.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace afterwrite::fuzz {
namespace {

ReadOptions options_of(std::uint8_t choice) {
  ReadOptions options;
  const auto& kinds = format_kinds();
  if (const std::size_t kind = choice % 8U; kind < kinds.size()) options.format = kinds[kind].format;
  if (choice & 0x10U) options.initial = Scalar(std::int64_t{0});
  if (options.format == HistoryFormat::jepsen_edn && (choice & 0x20U)) options.version_field = "position";
  return options;
}

std::optional<History> read(std::string_view text, const ReadOptions& options) {
  try {
    return read_history_text(text, "fuzzed", options);
  } catch (const BadHistory& bad) {
    const std::string_view message = bad.what();
    require(message.starts_with("fuzzed") && message.size() > 10, "a message that does not say where");
    require(message.find('\n') == std::string_view::npos, "a message of several lines");
    return std::nullopt;
  }
}

std::string written(const History& history) {
  std::string text = header_line(history.header) + "\n";
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    append_operation_line(text, history.operations[i], i);
    text += '\n';
  }
  for (const FaultEvent& event : history.faults) text += fault_line(event) + "\n";
  for (const LagSample& sample : history.lags) text += lag_line(sample) + "\n";
  return text + footer_line(history.operations.size()) + "\n";
}

void require_order(const History& history) {
  const Operation* last = nullptr;
  for (const Operation& operation : history.operations) {
    require(!operation.session.empty(), "an operation without a session");
    require(operation.invoke <= operation.complete, "an operation that ends before it begins");
    require(last == nullptr || last->complete <= operation.complete, "operations out of order of completion");
    last = &operation;
  }
}

void require_survives(const History& history) {
  const std::string text = written(history);
  ReadOptions jsonl;
  jsonl.format = HistoryFormat::jsonl;
  const std::optional<History> again = read(text, jsonl);
  require(again.has_value(), "what was read cannot be written and read again");
  require(again->operations.size() == history.operations.size(), "operations get lost in writing");
  require(written(*again) == text, "written twice, it differs");
}

}  // namespace
}  // namespace afterwrite::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace afterwrite;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (const auto history = fuzz::read(text, fuzz::options_of(data[0]))) {
    fuzz::require_order(*history);
    fuzz::require_survives(*history);
  }
  return 0;
}
