#pragma once

#include <string>
#include <string_view>

#include "harness/history/reader.hpp"

namespace afterwrite {

/// What the reader says of a text called `h`; empty if it does not mind.
inline std::string complaint(std::string_view text, const ReadOptions& options = {}) {
  try {
    read_history_text(text, "h", options);
    return "";
  } catch (const BadHistory& bad) {
    return bad.what();
  }
}

inline ReadOptions as(HistoryFormat format) {
  ReadOptions options;
  options.format = format;
  return options;
}

/// An operation as one text: `session function key value outcome [invoke,complete] txn @line`.
std::string shown(const Operation& operation);

/// All of them, in order.
std::vector<std::string> shown(const History& history);

}  // namespace afterwrite
