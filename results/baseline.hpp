#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// A baseline that cannot be used: what is wrong with which file, and what to do.
class BadBaseline : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a report says of one row.
struct RowFigures {
  Verdict verdict = Verdict::unknown;
  std::uint64_t broken = 0;
  std::uint64_t at_risk = 0;

  double rate() const { return at_risk == 0 ? 0 : static_cast<double>(broken) / static_cast<double>(at_risk); }
};

/// Which row it is, by the names that reports use.
struct RowName {
  std::string guarantee;
  std::string scope;
  std::string group;
  bool operator==(const RowName&) const = default;
};

struct BaselineRow {
  RowName name;
  RowFigures figures;
};

/// An earlier report.json, as far as it is compared with. Rows of control sessions are left out: they accuse nobody.
struct Baseline {
  std::string file;
  Verdict verdict = Verdict::unknown;
  std::vector<BaselineRow> rows;
};

/// Throws BadBaseline. Any thread may call.
Baseline read_baseline(const std::filesystem::path& file);

/// How a row stands to the baseline's (docs/reports.md, "Against a baseline").
enum class Change {
  same,        ///< no difference, or none beyond noise
  fresh,       ///< violated, and was not: "new"
  worse,       ///< violated on both sides, a greater share now, beyond noise
  better,      ///< violated on both sides, a smaller share now, beyond noise
  gone,        ///< held, and was violated
  now_held,    ///< held, and was unknown or not judged
  undecided,   ///< unknown, and was decided or not judged
  not_judged,  ///< the baseline judged it, and nobody did now
};
std::string_view to_string(Change change);

struct ComparedRow {
  RowName name;
  Change change = Change::same;
  std::optional<RowFigures> before;  ///< absent: not judged there
  std::optional<RowFigures> now;
  std::optional<double> chance;  ///< where both are violated: of such a difference if the shares were one
};

struct Comparison {
  std::string file;
  Verdict verdict_before = Verdict::unknown;
  std::vector<ComparedRow> rows;

  /// Something is new or worse.
  bool worse() const;
  /// Something that had been decided, or was not judged before, is not known now.
  bool undecided() const;
};

/// A pure function; any thread may call.
Comparison compare(const Baseline& baseline, const Judgement& judgement);

/// `worse: 12.0 % of 300 at-risk operations broke it, 3.1 % of 290 before`.
std::string change_in_words(const ComparedRow& row);

}  // namespace afterwrite
