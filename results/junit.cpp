#include "results/junit.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/history/text.hpp"
#include "results/promises.hpp"
#include "results/quantities.hpp"
#include "results/repeating.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"
#include "results/summary_text.hpp"

namespace afterwrite {
namespace {

constexpr double milliseconds_a_second = 1000;

/// Valid UTF-8 with XML's marks escaped and without the characters that XML 1.0 has no way to hold.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20) out += c;
        break;
    }
  }
  // The two characters beyond those that are none in XML: U+FFFE and U+FFFF.
  for (const std::string_view none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = 0; (at = out.find(none, at)) != std::string::npos;)
      out.erase(at, none.size());
  }
  return out;
}

/// `value` is visible already.
std::string visible_property(std::string_view name, std::string_view value) {
  return value.empty() ? "" : fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, escaped(value));
}

std::string property(std::string_view name, std::string_view value) {
  return visible_property(name, visible_text(value, 1000));
}

std::string suite_name(const Header& header) {
  std::string name = "afterwrite";
  for (const std::string& part : {header.system, header.policy, header.workload}) {
    if (!part.empty()) name += " " + visible_text(part);
  }
  return name;
}

std::string witness_text(const History& history, const Judgement& judgement, const Row& row) {
  std::string text = row_evidence_and_assumptions(row, times_of(history.header)) + "\n";
  if (row.entries.empty()) return text;
  const Story story = tell(history, judgement, row.entries.front(), row.scope);
  const Guarantees& broken = row.entries.front().guarantees;
  const std::string which = broken == row.guarantees ? "" : to_string(broken) + " alone; ";
  text += fmt::format("\nThe first ({}{}):\n", which, story.whose);
  for (const StoryStep& step : story.steps) {
    if (step.at_ms) text += fmt::format("+{}: ", milliseconds_text(*step.at_ms));
    text += fmt::format("{} (line {})\n", step.words, history.operations[step.operation].line);
  }
  for (const std::string& reason : story.reasons)
    text += "because " + reason + "\n";
  for (const std::string& circumstance : story.circumstances)
    text += circumstance + "\n";
  return text;
}

std::string test_case(const History& history, const Judgement& judgement, const Row& row, bool promised,
                      const std::string& suite, const std::string& time) {
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\"{}", escaped(suite),
                                 escaped(row_name(row)), time);
  const std::string message = (promised ? "" : "not promised by the system: ") +
                              escaped(row_evidence_and_assumptions(row, times_of(history.header)));
  switch (row.verdict) {
    case Verdict::held:
      return text + fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", message);
    case Verdict::violated:
      return text + fmt::format(">\n      <failure type=\"violated\" message=\"{}\">{}</failure>\n    </testcase>\n",
                                message, escaped(witness_text(history, judgement, row)));
    case Verdict::unknown:
      return text + fmt::format(">\n      <error type=\"unknown\" message=\"{}\">{}</error>\n    </testcase>\n",
                                message, message);
  }
  return "";
}

}  // namespace

std::string junit_xml(const History& history, const Judgement& judgement, const RunSummary& summary) {
  std::vector<const Row*> rows;
  for (const Row& row : judgement.rows) {
    if (!is_of_control(row)) rows.push_back(&row);
  }
  const auto count = [&](Verdict verdict) {
    return std::count_if(rows.begin(), rows.end(), [&](const Row* row) { return row->verdict == verdict; });
  };
  const bool measured = times_of(history.header) == Times::measured;
  const std::string time =
      measured ? fmt::format(" time=\"{:.3f}\"", summary.duration_ms / milliseconds_a_second) : "";
  const std::string suite = suite_name(history.header);
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"{}", rows.size(),
                                         count(Verdict::violated), count(Verdict::unknown), time);
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format("<testsuites {}>\n  <testsuite name=\"{}\" {} skipped=\"0\">\n    <properties>\n", counts,
                     escaped(suite), counts);
  xml += property("history", history.name) + property("system", history.header.system) +
         property("policy", history.header.policy) + property("workload", history.header.workload);
  if (history.header.seed) xml += property("seed", fmt::format("{}", *history.header.seed));
  xml += visible_property("command", visible_command(repeating_command(history.header)));
  xml += visible_property("judged by", judging_command(history, summary.given));
  if (const auto promised = count_promised(history, judgement)) {
    xml += property("promised rows violated", fmt::format("{}", promised->promised.violated)) +
           property("rows violated that are not promised", fmt::format("{}", promised->not_promised.violated));
  }
  xml += "    </properties>\n";
  const Promises promises(history, judgement);
  for (const Row* row : rows)
    xml += test_case(history, judgement, *row, promises.counts(*row), suite, time);
  xml += fmt::format("    <system-out>{}</system-out>\n  </testsuite>\n</testsuites>\n",
                     escaped(summary_text(history, judgement, summary)));
  return xml;
}

}  // namespace afterwrite
