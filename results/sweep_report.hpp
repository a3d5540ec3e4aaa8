#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/judgement.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// The schema name of sweep.json (results/sweep.schema.json).
inline constexpr std::string_view sweep_schema_name = "afterwrite.sweep/1";

/// What a sweep keeps of one run: verdicts with their rates, and what the policy cost. The members of a cell that is
/// done.
nlohmann::ordered_json sweep_outcome_json(const Judgement& judgement, const RunSummary& summary);

// All of these show a sweep.json, whole or with cells that are still missing. Safe to print.

/// The names of the rows whose rates are shown, in order of appearance: those of one guarantee each, unless there are
/// none such.
std::vector<std::string> sweep_row_names(const nlohmann::ordered_json& sweep);
/// The command that carries out the same sweep again, with its seed.
std::string sweep_again(const nlohmann::ordered_json& sweep);
/// The command that carries out what is missing; empty if nothing is.
std::string sweep_going_on(const nlohmann::ordered_json& sweep);
/// A sentence each: which cells broke, which are unknown and why, and what is missing.
std::vector<std::string> sweep_notes(const nlohmann::ordered_json& sweep);
/// The table for people, and the notes. Fitted into so many columns if that is not 0: what is wider is wrapped, and the
/// table falls into its cells.
std::string sweep_text(const nlohmann::ordered_json& sweep, std::size_t columns = 0);
/// The same as Markdown.
std::string sweep_markdown(const nlohmann::ordered_json& sweep);

}  // namespace afterwrite
