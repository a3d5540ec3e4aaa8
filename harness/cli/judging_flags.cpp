#include "harness/cli/judging_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "checkers/groups.hpp"
#include "harness/cli/asking.hpp"
#include "harness/history/reader.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {

namespace {

std::vector<std::string> texts_of(const nlohmann::json& object, const char* name) {
  std::vector<std::string> texts;
  const auto found = object.find(name);
  if (found == object.end()) return texts;
  if (found->is_string()) return {found->get<std::string>()};
  const auto is_text = [](const auto& text) { return text.is_string(); };
  if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_text)) {
    throw UsageError(fmt::format("'{}' is neither a text nor an array of texts", name));
  }
  for (const auto& text : *found)
    texts.push_back(text.template get<std::string>());
  return texts;
}

/// Grouped by a label that no operation bears, a history would say nothing, and so would the verdict.
void require_label(const std::string& file, const History& history, const std::string& label) {
  std::set<std::string> known;
  for (const Operation& operation : history.operations) {
    for (const auto& [name, value] : operation.labels)
      known.insert(name);
  }
  if (known.contains(label)) return;
  throw BadHistory(fmt::format("{}: no operation bears the label '{}' of --group-by{}", file, label,
                               known_names_hint(label, {known.begin(), known.end()})));
}

/// An assumption on what no time tells would order sessions by the places of their lines.
void require_comparable_times(const std::string& file, const History& history, const Question& question) {
  if (times_of(history.header) != Times::none) return;
  const Assumptions assumed = assumptions_of(history, question);
  for (const Assumption one : {Assumption::one_clock, Assumption::realtime_writes}) {
    if (!has(assumed, one)) continue;
    throw BadHistory(fmt::format(
        "{}: has no times, so nothing tells which of two sessions was first, and {} cannot be assumed; leave "
        "it out, or convert the history to jsonl, write its times and take `times` out of the header",
        file, to_string(one)));
  }
}

}  // namespace

void JudgingFlags::add_to(CLI::App& parser) {
  parser.add_option("--guarantee", guarantees_, "Guarantees to judge; `afterwrite list guarantees`")
      ->type_name("NAME[,NAME]")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  parser.add_option("--scope", scopes_, "session, user, process; several with commas")
      ->check(not_empty)
      ->type_name("SCOPE");
  parser.add_option("--assume", assume_, "writer-order, realtime-writes, one-clock; or none")
      ->check(not_empty)
      ->type_name("A[,A]");
  parser.add_option("--min-at-risk", min_at_risk_, "Fewer at-risk reads than this make a verdict unknown")
      ->check(not_empty)
      ->type_name("N");
  parser.add_option("--group-by", group_by_, "Judge the values of this label apart, or each combination of several")
      ->check(not_empty)
      ->type_name("LABEL[,LABEL]");
}

void JudgingFlags::require_sense() const {
  question_of_flags();
}

Question JudgingFlags::question_of_flags() const {
  Question question;
  if (!guarantees_.empty()) question.guarantees = asked_guarantees(guarantees_);
  if (!scopes_.empty()) question.scopes = asked_scopes(scopes_);
  if (!assume_.empty()) question.assume = asked_assumptions(assume_);
  if (!min_at_risk_.empty()) question.min_at_risk = whole_number(min_at_risk_, "--min-at-risk");
  if (question.min_at_risk == 0U) {
    throw UsageError("--min-at-risk: with 0 a history that could not have failed would count as held; give at least 1");
  }
  question.group_by = group_by_;
  return question;
}

Question JudgingFlags::question_for(const std::string& file, const History& history, bool whole) const {
  Question question = question_of_flags();
  try {
    if (const auto names = texts_of(history.header.all, "guarantees"); guarantees_.empty() && !names.empty()) {
      question.guarantees = asked_guarantees(names);
    }
    if (const auto names = texts_of(history.header.all, "scope"); scopes_.empty() && !names.empty()) {
      question.scopes = asked_scopes(fmt::format("{}", fmt::join(names, ",")));
    }
    if (const auto names = texts_of(history.header.all, "group_by"); group_by_.empty()) {
      question.group_by = fmt::format("{}", fmt::join(names, ","));
    }
    const std::vector<std::string> assumed = history.header.assume.value_or(std::vector<std::string>{});
    if (assume_.empty() && !assumed.empty()) asked_assumptions(fmt::format("{}", fmt::join(assumed, ",")));
  } catch (const UsageError& error) {
    throw BadHistory(fmt::format("{}: the header asks for what is not known: {}", file, error.what()));
  }
  require_comparable_times(file, history, question);
  for (const std::string& label : group_labels(question.group_by)) {
    if (whole) require_label(file, history, label);
  }
  return question;
}

GivenFlags JudgingFlags::given() const {
  GivenFlags given;
  for (const std::string& guarantee : guarantees_)
    given.emplace_back("--guarantee", guarantee);
  add_given(given, {{"--scope", scopes_}, {"--assume", assume_}, {"--min-at-risk", min_at_risk_}, {"--group-by", group_by_}});
  return given;
}

}  // namespace afterwrite
