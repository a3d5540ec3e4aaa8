#pragma once

#include <cstdint>
#include <optional>
#include <simdjson.h>
#include <string_view>
#include <variant>

#include "harness/history/history.hpp"
#include "harness/history/line_splitter.hpp"

namespace afterwrite {

/// A line of kind `op`, with its number among the operations if it bears one.
struct OperationLine {
  Operation operation;
  std::optional<std::uint64_t> index;
};

/// A line of kind `end`.
struct FooterLine {
  std::uint64_t operations = 0;
  nlohmann::json all;
};

using ParsedLine = std::variant<Header, OperationLine, FaultEvent, LagSample, FooterLine>;

/// A line that is no JSON at all: the one fault that is forgiven where a file was cut off.
class NotJson : public BadLine {
 public:
  using BadLine::BadLine;
};

/// Understands one line of a history by itself: its kind, its fields, their types and ranges. Used by one thread.
class LineParser {
 public:
  LineParser();

  /// `text` must be followed by `simdjson::SIMDJSON_PADDING` readable bytes. Throws NotJson or BadLine.
  ParsedLine parse(std::string_view text);

 private:
  simdjson::dom::parser parser_;
};

}  // namespace afterwrite
