#include "checkers/judgement.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace afterwrite {

namespace {

constexpr std::array<std::string_view, guarantee_count + 1> guarantee_names{
    "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads", "causal"};

constexpr std::array<std::string_view, assumption_count> assumption_names{"writer-order", "realtime-writes",
                                                                          "one-clock"};

constexpr std::array<std::string_view, 3> scope_names{"session", "user", "process"};
constexpr std::array<std::string_view, 3> verdict_names{"held", "violated", "unknown"};
constexpr std::array<std::string_view, 13> edge_names{
    "initial",         "recorded-version", "writer-order",        "realtime-writes", "read-your-writes",
    "monotonic-reads", "monotonic-writes", "writes-follow-reads", "list-contents",   "session-order",
    "reads-from",      "one-transaction",  "causal-order"};

template <typename Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& all, std::string_view name) {
  const auto found = std::find(all.begin(), all.end(), name);
  if (found == all.end()) return std::nullopt;
  return static_cast<Enum>(found - all.begin());
}

}  // namespace

std::string to_string(const Guarantees& set) {
  if (set == all_of_a_key()) return "coherence";
  std::string text;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (!set.test(i)) continue;
    if (!text.empty()) text += '+';
    text += guarantee_names[i];
  }
  return text;
}

std::optional<Guarantees> parse_guarantees(std::string_view name) {
  if (name == "coherence") return all_of_a_key();
  Guarantees set;
  while (true) {
    const std::size_t plus = name.find('+');
    const auto one = parse<Guarantee>(guarantee_names, name.substr(0, plus));
    if (!one) return std::nullopt;
    set |= only(*one);
    if (has(set, Guarantee::causal) && set.count() > 1) return std::nullopt;
    if (plus == std::string_view::npos) return set;
    name.remove_prefix(plus + 1);
  }
}

std::string_view to_string(Assumption assumption) { return assumption_names[static_cast<std::size_t>(assumption)]; }
std::optional<Assumption> parse_assumption(std::string_view name) {
  return parse<Assumption>(assumption_names, name);
}

std::vector<std::string> names(const Assumptions& set) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < assumption_count; ++i) {
    if (set.test(i)) all.emplace_back(assumption_names[i]);
  }
  return all;
}

std::string_view to_string(Scope scope) { return scope_names[static_cast<std::size_t>(scope)]; }
std::optional<Scope> parse_scope(std::string_view name) { return parse<Scope>(scope_names, name); }
std::string_view to_string(Verdict verdict) { return verdict_names[static_cast<std::size_t>(verdict)]; }
std::string_view to_string(EdgeKind kind) { return edge_names[static_cast<std::size_t>(kind)]; }

Verdict worse(Verdict a, Verdict b) {
  const auto weight = [](Verdict verdict) {
    return verdict == Verdict::violated ? 2 : verdict == Verdict::unknown ? 1 : 0;
  };
  return weight(a) >= weight(b) ? a : b;
}

void number_entries(Judgement& judgement) {
  std::uint64_t number = 0;
  for (Row& row : judgement.rows) {
    for (Violation& entry : row.entries) entry.number = ++number;
  }
}

}  // namespace afterwrite
