#pragma once

#include <string>

#include "checkers/judge.hpp"

namespace afterwrite {

/// `check --witness N --out FILE`: which entry is cut out, and where to.
struct WitnessWish {
  std::string number;  ///< as typed
  std::string out;     ///< a file that is not there yet
  bool asked() const { return !number.empty(); }
};

/// What the flags cannot mean: a witness without a file. Throws UsageError. (Without a witness `--out` names the folder
/// for the reports.)
void require_sense(const WitnessWish& wish);

/// Writes the smallest history that shows the entry of that number, and says so on stderr. `judgement` is what
/// judge(history, asked) said. Throws UsageError for a number that no entry bears and for a file that is there already,
/// EnvironmentError if it cannot be written; a file that was begun is then removed.
void write_witness(const WitnessWish& wish, const History& history, const Question& asked, const Judgement& judgement);

}  // namespace afterwrite
