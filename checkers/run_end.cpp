#include "checkers/run_end.hpp"

#include <map>
#include <set>

#include "checkers/recorded_member.hpp"

namespace afterwrite {

std::optional<std::string> cut_short(const History& history) {
  static const std::set<std::string> as_planned{"duration", "operations", "enough", "workload-done"};
  const auto ended = recorded_text(history.footer, "ended");
  if (!ended || as_planned.contains(*ended)) return std::nullopt;
  return recorded_text(history.footer, "why").value_or(*ended);
}

std::optional<std::string> ended_before_anything(const History& history) {
  return history.operations.empty() ? cut_short(history) : std::nullopt;
}

std::vector<std::string> faults_cut_off(const History& history) {
  std::vector<std::string> missing;
  const auto scenario = history.header.all.find("scenario");
  if (!history.truncated || scenario == history.header.all.end()) return missing;
  const nlohmann::json* const asked = recorded_array(*scenario, "faults");
  if (asked == nullptr) return missing;
  std::map<std::string, std::set<std::string>> begun;  // by kind: the episodes
  for (const FaultEvent& event : history.faults)
    begun[event.fault].insert(event.episode);
  std::map<std::string, std::size_t> so_far;
  for (const auto& fault : *asked) {
    if (!fault.is_string()) continue;
    const auto text = fault.get<std::string>();
    const std::string kind = text.substr(0, text.find_first_of(":@,"));
    if (kind == "none" || ++so_far[kind] <= begun[kind].size()) continue;
    missing.push_back("the fault " + text + " did not bite: the recording breaks off before it");
  }
  return missing;
}

bool interrupted(const History& history) {
  return recorded_text(history.footer, "ended") == "interrupted";
}

std::vector<std::string> notes_of_run(const History& history) {
  std::vector<std::string> notes;
  if (const auto why = cut_short(history)) notes.push_back("the run was cut short: " + *why);
  if (const auto* said = recorded_array(history.footer, "notes")) {
    for (const auto& note : *said) {
      if (note.is_string()) notes.push_back(note.get<std::string>());
    }
  }
  return notes;
}

}  // namespace afterwrite
