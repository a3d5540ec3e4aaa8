#include "results/witness_history.hpp"

#include <fmt/format.h>

#include "checkers/minimise.hpp"
#include "harness/history/text.hpp"
#include "harness/history/writer.hpp"

namespace afterwrite {

namespace {

/// With everything that `check` would otherwise have to be asked by flags.
Header header_of(const History& history, const Question& question, const Row& row, const Violation& violation) {
  Header header = history.header;
  header.assume = names(*question.assume);
  nlohmann::json& all = header.all;
  all["assume"] = *header.assume;
  all["guarantees"] = {to_string(row.guarantees)};
  all["scope"] = to_string(row.scope);
  all["min_at_risk"] = *question.min_at_risk;
  if (!question.group_by.empty()) all["group_by"] = question.group_by;
  all["witness"] = {{"of", valid_utf8(history.name)}, {"entry", violation.number}};
  return header;
}

/// The operation's line, with the number of the one that it was.
void append_sourced_line(std::string& out, const Operation& operation, std::size_t index) {
  append_operation_line(out, operation, index);
  if (operation.line != 0) {
    out.pop_back();
    out += fmt::format(",\"source_line\":{}}}", operation.line);
  }
  out += '\n';
}

}  // namespace

std::optional<std::string> witness_history(const History& history, const Question& asked, const Row& row,
                                           const Violation& violation) {
  const auto operations = minimise(history, asked, row, violation);
  if (!operations) return std::nullopt;
  const Question question = question_of_row(history, asked, row);
  std::string text = header_line(header_of(history, question, row, violation)) + "\n";
  for (std::size_t i = 0; i < operations->size(); ++i) {
    append_sourced_line(text, history.operations[(*operations)[i]], i);
  }
  if (!history.truncated) text += footer_line(operations->size()) + "\n";
  return text;
}

}  // namespace afterwrite
