#include "checkers/notes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checkers/run_end.hpp"

namespace afterwrite {

namespace {

std::size_t in_no_group(const History& history, std::span<const Group> groups) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    count += std::none_of(groups.begin(), groups.end(), [&](const Group& group) { return group.members[i]; }) ? 1U : 0U;
  }
  return count;
}

}  // namespace

std::vector<std::string> notes_of_judging(const Judged& judged) {
  std::vector<std::string> notes = judged.history.notes;
  for (std::string& note : notes_of_run(judged.history)) notes.push_back(std::move(note));
  if (judged.history.truncated) notes.push_back("the history has no footer: its recording may have been cut short");
  if (const auto count = judged.sorted.unexplained; count > 0) {
    notes.push_back(count == 1 ? "1 value read was not recorded as written: a write in flight, perhaps"
                               : fmt::format("{} values read were not recorded as written: writes in flight, perhaps", count));
  }
  if (judged.sorted.ambiguous_nulls > 0) {
    notes.push_back(fmt::format("{} read{} found nothing and may have seen one of several states (the initial one, or deletes): what would follow from that is not judged", judged.sorted.ambiguous_nulls,
                                judged.sorted.ambiguous_nulls == 1 ? "" : "s"));
  }
  const std::string& label = judged.question.group_by;
  if (const std::size_t count = label.empty() ? 0 : in_no_group(judged.history, judged.groups); count > 0) {
    const std::string lack = label.find(',') == std::string::npos ? "no label " + label : "not all of the labels " + label;
    notes.push_back(count == 1 ? fmt::format("1 operation bears {} and is judged in no group", lack)
                               : fmt::format("{} operations bear {} and are judged in no group", count, lack));
  }
  if (!judged.sampled) notes.push_back("no lag was sampled: at risk counts only what others were later seen to miss");
  return notes;
}

}  // namespace afterwrite
