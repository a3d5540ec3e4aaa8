#pragma once

#include <string>
#include <vector>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"
#include "results/repeating.hpp"

namespace CLI {
class App;
}

namespace afterwrite {

/// The flags that say what a recorded history is judged for; where they do not speak, its header does. Outlives the
/// parser, which writes into it.
class JudgingFlags {
 public:
  void add_to(CLI::App& parser);

  /// Throws UsageError for flags that make no sense, whatever the history.
  void require_sense() const;

  /// What is asked of this one, which messages call `file`. `whole`: its operations are at hand, too. Throws
  /// UsageError, and BadHistory for what the header asks that is not known, for a label that no operation bears, and
  /// for an assumption on times that are none.
  Question question_for(const std::string& file, const History& history, bool whole) const;

  /// Those that were given, for a command that asks the same.
  GivenFlags given() const;

 private:
  Question question_of_flags() const;

  std::vector<std::string> guarantees_;
  std::string scopes_;
  std::string assume_;
  std::string min_at_risk_;
  std::string group_by_;
};

}  // namespace afterwrite
