#pragma once

#include <span>
#include <string>
#include <vector>

#include "checkers/groups.hpp"
#include "checkers/judge.hpp"
#include "checkers/key_history.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// What was met while a history was judged. Refers to what others own.
struct Judged {
  const History& history;
  const Question& question;
  const SortedHistory& sorted;
  std::span<const Group> groups;
  bool sampled = false;  ///< lag was
};

/// What a reader of the verdicts should know besides: the notes of the reader and the recorder, and what could not be judged or counted.
std::vector<std::string> notes_of_judging(const Judged& judged);

}  // namespace afterwrite
