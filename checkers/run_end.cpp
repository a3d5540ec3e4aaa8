#include "checkers/run_end.hpp"

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
