#include "harness/cli/asking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {

namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    parts.push_back(text.substr(begin, comma - begin));
    if (comma == std::string::npos) return parts;
    begin = comma + 1;
  }
}

template <typename Kind>
[[noreturn]] void refuse(std::string_view flag, const std::string& name, const std::vector<Kind>& known) {
  std::vector<std::string> names;
  for (const auto& one : known) names.emplace_back(one);
  throw UsageError(fmt::format("{}: '{}' is not known{}", flag, name, known_names_hint(name, names)));
}

}  // namespace

const std::vector<GuaranteeKind>& guarantee_kinds() {
  static const std::vector<GuaranteeKind> kinds{
      {"read-your-writes", "a session's reads show its own acknowledged writes, or something newer"},
      {"monotonic-reads", "a session never reads something older than it has read before"},
      {"monotonic-writes", "a session's writes are ordered as it issued them"},
      {"writes-follow-reads", "a session's write is ordered after what it had read before"},
      {"read-your-writes+monotonic-reads", "the two jointly: some histories break only both together"},
      {"coherence", "all four jointly, key by key"},
      {"causal", "across keys: a read shows what its session had behind it, whoever wrote it, or something newer"},
  };
  return kinds;
}

std::vector<Guarantees> asked_guarantees(const std::vector<std::string>& names) {
  std::vector<Guarantees> asked;
  const auto add = [&](const Guarantees& set) {
    if (std::find(asked.begin(), asked.end(), set) == asked.end()) asked.push_back(set);
  };
  Guarantees singles;
  for (const std::string& list : names) {
    for (const std::string& name : split(list)) {
      const auto set = parse_guarantees(name);
      if (!set) {
        std::vector<std::string_view> known;
        for (const GuaranteeKind& kind : guarantee_kinds()) known.push_back(kind.name);
        refuse("--guarantee", name, known);
      }
      add(*set);
      if (set->count() == 1) singles |= *set;
    }
  }
  const Guarantees both = only(Guarantee::read_your_writes) | only(Guarantee::monotonic_reads);
  if ((singles & both) == both) add(both);
  if ((singles & all_of_a_key()) == all_of_a_key()) add(all_of_a_key());
  return asked;
}

std::vector<Scope> asked_scopes(const std::string& names) {
  std::vector<Scope> scopes;
  for (const std::string& name : split(names)) {
    const auto scope = parse_scope(name);
    if (!scope) refuse("--scope", name, std::vector<std::string>{"session", "user", "process"});
    if (std::find(scopes.begin(), scopes.end(), *scope) == scopes.end()) scopes.push_back(*scope);
  }
  return scopes;
}

Assumptions asked_assumptions(const std::string& names) {
  Assumptions assumed;
  if (names == "none") return assumed;
  for (const std::string& name : split(names)) {
    if (name == "none") throw UsageError("--assume: 'none' stands alone; leave out the others, or leave out none");
    const auto one = parse_assumption(name);
    if (!one) {
      refuse("--assume", name, std::vector<std::string>{"none", "writer-order", "realtime-writes", "one-clock"});
    }
    assumed.set(static_cast<std::size_t>(*one));
  }
  if (has(assumed, Assumption::realtime_writes) && !has(assumed, Assumption::one_clock)) {
    throw UsageError("--assume: realtime-writes compares times of different sessions, so it needs one-clock beside it; add one-clock, "
                     "or leave realtime-writes out");
  }
  return assumed;
}

std::string not_empty(const std::string& value) {
  return value.empty() ? "is empty; give a value, or leave it out" : "";
}

std::uint64_t whole_number(const std::string& text, std::string_view flag) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) {
    throw UsageError(fmt::format("{}: '{}' is no whole number that can be used here; write e.g. 10", flag, text));
  }
  return number;
}

}  // namespace afterwrite
