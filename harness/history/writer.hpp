#pragma once

#include <string>

#include "harness/history/history.hpp"

namespace afterwrite {

/// One line each of history.jsonl, without the line feed (docs/history-format.md). Strings that are not valid
/// UTF-8 are written with replacement characters. Fields that hold nothing are left out. Any thread may call.
std::string header_line(const Header& header);
void append_operation_line(std::string& out, const Operation& operation, std::uint64_t index);
std::string fault_line(const FaultEvent& event);
std::string lag_line(const LagSample& sample);
std::string footer_line(std::uint64_t operations, const nlohmann::json& more = nlohmann::json::object());

}  // namespace afterwrite
