#pragma once

#include <filesystem>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// How results are shown on stdout.
struct Presenting {
  bool json = false;              ///< the report, on one line
  std::filesystem::path folder;   ///< where reports lie; empty: none were written
};

/// Prints the summary for people, in colour on a terminal unless NO_COLOR is set, or the report for programs. Throws
/// EnvironmentError if stdout refuses.
void present(const History& history, const Judgement& judgement, const Presenting& presenting);

}  // namespace afterwrite
