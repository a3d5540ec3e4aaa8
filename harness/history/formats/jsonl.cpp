#include "harness/history/formats/jsonl.hpp"

#include <fmt/format.h>
#include <utility>

#include "harness/history/formats/bad_place.hpp"
#include "harness/history/formats/format.hpp"
#include "harness/history/line_limit.hpp"
#include "harness/history/line_parser.hpp"
#include "harness/history/line_splitter.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

/// Puts lines together into a history and checks what no line shows by itself: their order and their number.
class HistoryBuilder {
 public:
  void add(ParsedLine line, std::uint64_t number) {
    if (!history_.footer.empty()) throw BadLine("stands after the footer; nothing may follow the line of kind `end`");
    std::visit([&](auto& parsed) { take(parsed, number); }, line);
    first_ = false;
  }

  bool nothing_read() const { return first_; }
  bool complete() const { return !history_.footer.empty(); }
  const History& so_far() const { return history_; }

  History finish(std::vector<std::string> notes) {
    history_.truncated = !complete();
    history_.notes = std::move(notes);
    return std::move(history_);
  }

 private:
  void take(Header& header, std::uint64_t /*number*/) {
    if (!history_.header.all.empty()) throw BadLine("a second header; a file holds one history");
    if (!first_) throw BadLine("the header stands here; it must be the first line");
    history_.header = std::move(header);
  }

  void take(OperationLine& line, std::uint64_t number) {
    Operation& operation = line.operation;
    const std::size_t count = history_.operations.size();
    if (line.index && *line.index != count) {
      throw BadLine(
          fmt::format("field 'i': is {}, after {}: lines are missing or doubled; "
                      "restore them, or number from 0, or leave `i` out",
                      *line.index, counted(count, "operation")));
    }
    if (count > 0 && operation.complete < history_.operations.back().complete) {
      throw BadLine(
          fmt::format("field 'complete': is {}, before that of the operation in line {} ({}); "
                      "write operations in order of completion",
                      operation.complete, history_.operations.back().line, history_.operations.back().complete));
    }
    operation.line = number;
    history_.operations.push_back(std::move(operation));
  }

  void take(FaultEvent& event, std::uint64_t number) {
    event.line = number;
    history_.faults.push_back(std::move(event));
  }

  void take(LagSample& sample, std::uint64_t number) {
    sample.line = number;
    history_.lags.push_back(std::move(sample));
  }

  void take(FooterLine& footer, std::uint64_t /*number*/) {
    if (footer.operations != history_.operations.size()) {
      throw BadLine(
          fmt::format("field 'ops': is {}, after {}: lines are missing or doubled; "
                      "restore them",
                      footer.operations, counted(history_.operations.size(), "operation")));
    }
    history_.footer = std::move(footer.all);
  }

  History history_;
  bool first_ = true;
};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

struct JsonlLines::State {
  explicit State(ByteSource source) : lines(std::move(source), max_line_bytes, simdjson::SIMDJSON_PADDING) {}

  LineSplitter lines;
  LineParser parser;
  HistoryBuilder builder;
  std::vector<std::string> notes;
};

JsonlLines::JsonlLines(ByteSource source) : state_(std::make_unique<State>(std::move(source))) {}

JsonlLines::~JsonlLines() = default;

bool JsonlLines::take() {
  LineSplitter& lines = state_->lines;
  try {
    auto line = lines.next();
    if (!line) return false;
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (lines.number() == 1 && line->text.starts_with(byte_order_mark)) {
      line->text.remove_prefix(byte_order_mark.size());
    }
    if (is_blank(line->text)) return true;
    try {
      state_->builder.add(state_->parser.parse(line->text), lines.number());
    } catch (const NotJson&) {
      if (line->terminated || complete()) throw;
      state_->notes.push_back(fmt::format("line {} was cut off in mid-write ({} bytes) and is left out", lines.number(),
                                          line->text.size()));
    }
  } catch (const BadLine& bad) {
    throw BadPlace(lines.number(), bad.what());
  }
  return true;
}

const History& JsonlLines::so_far() const {
  return state_->builder.so_far();
}

bool JsonlLines::complete() const {
  return state_->builder.complete();
}

History JsonlLines::finish() {
  if (state_->builder.nothing_read()) {
    throw EmptyHistory(fmt::format("{}; name a history that a run or your own program wrote",
                                   state_->notes.empty() ? "is empty" : "holds no whole line of a history"));
  }
  return state_->builder.finish(std::move(state_->notes));
}

History read_jsonl(ByteSource source, const ReadOptions& /*options*/) {
  JsonlLines lines(std::move(source));
  while (lines.take())
    continue;
  return lines.finish();
}

}  // namespace afterwrite
