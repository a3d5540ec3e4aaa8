#include "results/story.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>

#include "checkers/recorded_member.hpp"
#include "harness/history/text.hpp"
#include "results/quantities.hpp"

namespace afterwrite {
namespace {

constexpr std::size_t name_bytes = 40;
constexpr std::size_t value_bytes = 40;
constexpr std::size_t error_bytes = 200;
constexpr double nanoseconds_a_millisecond = 1e6;
// A lag sample this far from a read says nothing of it any more.
constexpr Nanoseconds near_enough = 2'000'000'000;

std::string name(std::string_view text) {
  return text.empty() ? "\"\"" : visible_text(text, name_bytes);
}

std::string value(const Value& shown) {
  return display(shown, value_bytes);
}

double milliseconds_between(Nanoseconds from, Nanoseconds to) {
  return static_cast<double>(to - from) / nanoseconds_a_millisecond;
}

std::string served_by(const Operation& operation, std::string_view preposition) {
  if (operation.node.empty()) return "";
  const std::string role = operation.role == Role::unknown ? "" : fmt::format(" ({})", to_string(operation.role));
  return fmt::format(" {} {}{}", preposition, name(operation.node), role);
}

/// When the story began, if times were measured.
using Origin = std::optional<Nanoseconds>;

std::string what_became_of(const Operation& operation, Origin origin) {
  const std::string why =
      operation.error.empty() ? "" : fmt::format(" ({})", visible_text(operation.error, error_bytes));
  switch (operation.outcome) {
    case Outcome::ok:
      if (!origin) return "; acknowledged";
      return fmt::format("; acknowledged at +{}", milliseconds_text(milliseconds_between(*origin, operation.complete)));
    case Outcome::fail:
      return fmt::format("; it failed{}", why);
    case Outcome::info:
      return fmt::format("; whether it took effect was never told{}", why);
  }
  return "";
}

/// What one operation did, seen by itself.
std::string words_of(const Operation& operation, Origin origin) {
  const std::string who = name(operation.session);
  const std::string key = name(operation.key);
  switch (operation.function) {
    case Function::write:
      return fmt::format("{} wrote {} = {}{}{}", who, key, value(operation.value), served_by(operation, "on"),
                         what_became_of(operation, origin));
    case Function::append:
      return fmt::format("{} appended {} to {}{}{}", who, value(operation.value), key, served_by(operation, "on"),
                         what_became_of(operation, origin));
    case Function::remove:
      return fmt::format("{} deleted {}{}{}", who, key, served_by(operation, "on"), what_became_of(operation, origin));
    case Function::read:
      break;
  }
  std::string waited;
  if (operation.fallback && operation.waited_ms <= 0) {
    waited = "went to the leader at once (its follower cannot reach the position), ";
  } else if (operation.fallback) {
    waited = fmt::format("gave up waiting for a follower after {}, ", milliseconds_text(operation.waited_ms));
  } else if (operation.waited_ms > 0) {
    waited = fmt::format("waited {} for its follower, ", milliseconds_text(operation.waited_ms));
  }
  if (operation.outcome != Outcome::ok) {
    return fmt::format("{} {}asked for {}{} and got no answer", who, waited, key, served_by(operation, "at"));
  }
  return fmt::format("{} {}read {}{} and saw {}", who, waited, key, served_by(operation, "from"),
                     value(operation.value));
}

bool contains(const Value& list, const Value& element) {
  if (!is_list(list) || is_null(element) || is_list(element)) return false;
  const List& elements = std::get<List>(list);
  return std::find(elements.begin(), elements.end(), to_scalar(element)) != elements.end();
}

/// What was wrong with what the breaking operation saw.
std::string how_it_was_wrong(const Violation& violation, const Operation& broken) {
  const std::string owed = value(violation.expected);
  const bool of_list = !violation.cycle.empty() && violation.cycle.front().kind == EdgeKind::list_contents;
  if (broken.is_write()) {
    const bool lacking = of_list && !contains(violation.observed, violation.expected);
    return fmt::format(": {} {}, which it had to follow", lacking ? "seen without" : "ordered before", owed);
  }
  if (of_list) {
    return contains(violation.observed, violation.expected) ? fmt::format(": {} moved", owed)
                                                            : fmt::format(", without {}", owed);
  }
  const auto asks_for_newer = [](const Edge& edge) { return edge.kind == EdgeKind::causal_order; };
  if (has(violation.guarantees, Guarantee::causal) &&
      std::none_of(violation.cycle.begin(), violation.cycle.end(), asks_for_newer)) {
    return ", which follows from this very read";
  }
  if (is_null(violation.observed)) return fmt::format(", where {} had been", owed);
  // A read that finds nothing may have seen one of several states, so that nothing is owed only after a delete.
  if (is_null(violation.expected)) return ", although it had been deleted";
  if (violation.versions_behind && *violation.versions_behind > 0) {
    return fmt::format(", {} older than {}", counted(static_cast<std::uint64_t>(*violation.versions_behind), "version"),
                       owed);
  }
  if (is_list(violation.observed) && has(violation.guarantees, Guarantee::causal)) {
    return contains(violation.observed, violation.expected) ? fmt::format(": {} stands too late", owed)
                                                            : fmt::format(", without {}", owed);
  }
  return fmt::format(", older than {}", owed);
}

/// The operation that made `expected` owed, where the witness names it.
std::optional<std::size_t> owed_since(const Violation& violation) {
  if (violation.cycle.empty()) return std::nullopt;
  const Edge& last = violation.cycle.back();
  if (last.operations.size() < 2 || last.operations[1] != violation.operation) return std::nullopt;
  return last.operations[0];
}

std::string how_long_due(const History& history, const Violation& violation) {
  const Operation& broken = history.operations[violation.operation];
  const auto since = owed_since(violation);
  if (!since || broken.is_write()) return "";
  const Operation& owed = history.operations[*since];
  if (owed.outcome != Outcome::ok) return "";
  const std::string what = is_null(violation.expected) ? "the delete" : value(violation.expected);
  return fmt::format("{} {} {} before that read began", what,
                     owed.is_write() ? "had been acknowledged" : "had been seen",
                     milliseconds_text(milliseconds_between(owed.complete, broken.invoke)));
}

/// The lag sample at the broken read's node that was taken nearest to it.
std::string lag_nearby(const History& history, const Operation& broken) {
  const LagSample* nearest = nullptr;
  const auto distance = [&](const LagSample& sample) { return std::abs(sample.time - broken.invoke); };
  for (const LagSample& sample : history.lags) {
    if (sample.node != broken.node || !sample.reachable || distance(sample) > near_enough) continue;
    if (nearest == nullptr || distance(sample) < distance(*nearest)) nearest = &sample;
  }
  // A sample without a missing beat says nothing of the read: perhaps no beat had been acknowledged yet.
  if (nearest == nullptr || broken.node.empty() || nearest->lag_ms <= 0) return "";
  const double apart = milliseconds_between(broken.invoke, nearest->time);
  return fmt::format("{} was seen {} behind, {} {} the read began", name(broken.node),
                     milliseconds_text(nearest->lag_ms), milliseconds_text(std::abs(apart)),
                     apart < 0 ? "before" : "after");
}

/// The version that the system recorded for a value, as an operation of the edge bears it.
std::optional<RecordedVersion> version_of(const History& history, const Edge& edge, const Value& wanted) {
  for (const std::size_t index : edge.operations) {
    const Operation& operation = history.operations[index];
    if (operation.version && operation.value == wanted) return operation.version;
  }
  return std::nullopt;
}

/// One end of an edge. That nothing is there is named by the delete that made it so, where the edge shows one.
std::string state_in_words(const History& history, const Edge& edge, const Value& state) {
  if (!is_null(state)) return value(state);
  for (const std::size_t index : edge.operations) {
    const Operation& operation = history.operations[index];
    if (operation.function == Function::remove) return fmt::format("the delete of {}", name(operation.key));
  }
  return "the empty state";
}

std::string numbers_in_words(const History& history, const Edge& edge) {
  const auto older = version_of(history, edge, edge.older);
  const auto newer = version_of(history, edge, edge.newer);
  if (!older || !newer) return "by the system's own version numbers";
  if (older->epoch == newer->epoch) {
    return fmt::format("the system numbered them {} and {}{}", older->version, newer->version,
                       older->epoch == 0 ? "" : fmt::format(" in epoch {}", older->epoch));
  }
  return fmt::format("the system numbered them {} in epoch {} and {} in epoch {}", older->version, older->epoch,
                     newer->version, newer->epoch);
}

/// What one operation did, in short.
std::string deed(const Operation& operation) {
  const std::string key = name(operation.key);
  switch (operation.function) {
    case Function::write:
      return fmt::format("wrote {} = {}", key, value(operation.value));
    case Function::append:
      return fmt::format("appended {} to {}", value(operation.value), key);
    case Function::remove:
      return fmt::format("deleted {}", key);
    case Function::read:
      break;
  }
  return fmt::format("read {} as {}", key, value(operation.value));
}

std::string causal_edge_in_words(const History& history, const Edge& edge) {
  if (edge.operations.size() < 2) return "";
  const Operation& first = history.operations[edge.operations.front()];
  const Operation& last = history.operations[edge.operations.back()];
  const std::string who = name(last.session);
  switch (edge.kind) {
    case EdgeKind::session_order:
      if (first.session != last.session) {
        return fmt::format("{} {} before {} {}", name(first.session), deed(first), who, deed(last));
      }
      return fmt::format("{} {} before it {}", who, deed(first), deed(last));
    case EdgeKind::one_transaction:
      return fmt::format("{} {} and {} in one transaction", who, deed(first), deed(last));
    case EdgeKind::reads_from:
      return fmt::format("{} saw {} in {}, which {} had {}", who, value(first.value), name(last.key),
                         name(first.session), first.function == Function::append ? "appended" : "written");
    default:
      break;
  }
  const std::string older = state_in_words(history, edge, edge.older);
  if (is_list(last.value)) {
    return contains(last.value, edge.older)
               ? fmt::format("{} would be older than {}: {} saw {} in this order", older, value(edge.newer), who,
                             name(last.key))
               : fmt::format("{} lay behind {}, which found {} without it", older, who, name(last.key));
  }
  return fmt::format("{} would be older than {}: it lay behind {}, which then read the latter from {}", older,
                     state_in_words(history, edge, edge.newer), who, name(last.key));
}

/// Every edge of the cycle; two contradict each other for everyone to see, more have to be called what they are.
std::vector<std::string> reasons_of(const History& history, const Violation& violation) {
  std::vector<std::string> reasons;
  for (const Edge& edge : violation.cycle) reasons.push_back(edge_in_words(history, edge));
  const bool circle = !has(violation.guarantees, Guarantee::causal) || !is_list(violation.observed);
  if (violation.cycle.size() > 2 && circle) reasons.emplace_back("all of this together is a circle");
  return reasons;
}

std::vector<std::string> circumstances_of(const History& history, const Judgement& judgement,
                                          const Violation& violation) {
  std::vector<std::string> all;
  const Operation& broken = history.operations[violation.operation];
  const auto add = [&](std::string words) {
    if (!words.empty()) all.push_back(std::move(words));
  };
  if (times_of(history.header) == Times::measured) {
    add(how_long_due(history, violation));
    add(lag_nearby(history, broken));
  }
  if (!violation.lost_at.empty()) {
    add(fmt::format("the new leader does not have what was acknowledged before: it was lost at {}",
                    name(violation.lost_at)));
  }
  for (const std::string& fault : violation.faults) {
    const auto episode = std::find_if(judgement.faults.begin(), judgement.faults.end(),
                                      [&](const FaultEpisode& one) { return one.episode == fault; });
    add(episode == judgement.faults.end() ? "fault on: " + name(fault) : "fault on: " + fault_in_words(*episode));
  }
  if (violation.count > 1) {
    add(fmt::format("the same state was met {} in this way", counted(violation.count, "time")));
  }
  return all;
}

}  // namespace

std::string fault_in_words(const FaultEpisode& episode) {
  std::string words = visible_text(episode.fault, name_bytes);
  if (const auto delay = recorded_number(episode.detail, "delay_ms")) {
    words += fmt::format(" (+{})", milliseconds_text(*delay));
  }
  std::string separator = " on ";
  for (const std::string& target : episode.targets) {
    words += separator + name(target);
    separator = ", ";
  }
  constexpr double nanoseconds_a_second = 1e9;
  return words + fmt::format(", from {:.1f} s to {:.1f} s", static_cast<double>(episode.start) / nanoseconds_a_second,
                             static_cast<double>(episode.end) / nanoseconds_a_second);
}

std::string_view effect_in_words(const FaultEpisode& episode) {
  if (!episode.bit) return "did not bite";
  return episode.fault == "none" ? "no fault" : "bit";
}

std::string edge_in_words(const History& history, const Edge& edge) {
  const std::string older = state_in_words(history, edge, edge.older);
  const std::string newer = state_in_words(history, edge, edge.newer);
  const std::string who =
      edge.operations.empty() ? "the session" : name(history.operations[edge.operations.back()].session);
  // Of a user's two sessions, whose the older operation was.
  const std::string before = edge.operations.empty() ? who : name(history.operations[edge.operations.front()].session);
  const bool two = before != who;
  switch (edge.kind) {
    case EdgeKind::initial:
      return fmt::format("the state before any write is older than {}", newer);
    case EdgeKind::recorded_version:
      return fmt::format("{} is older than {}: {}", older, newer, numbers_in_words(history, edge));
    case EdgeKind::writer_order:
      return fmt::format("{} is older than {}: one session {} in this order (assumed: writer-order)", older, newer,
                         is_null(edge.older) || is_null(edge.newer) ? "did both" : "wrote them");
    case EdgeKind::realtime_writes:
      return fmt::format(
          "{} is older than {}: it was in effect before the other was written "
          "(assumed: realtime-writes, one-clock)",
          older, newer);
    case EdgeKind::read_your_writes:
      return fmt::format("{} would be older than {}: {} read the latter after {} {}", older, newer, who,
                         two ? before + "'s" : "its", is_null(edge.older) ? "delete" : "write of the former");
    case EdgeKind::monotonic_reads:
      return fmt::format("{} would be older than {}: {} read the latter after {}the former", older, newer, who,
                         two ? before + " had read " : "");
    case EdgeKind::monotonic_writes:
      return fmt::format("{} would be older than {}: {} wrote the latter after {}the former", older, newer, who,
                         two ? before + " had written " : "");
    case EdgeKind::writes_follow_reads:
      return fmt::format("{} would be older than {}: {} wrote the latter after {} had read the former", older, newer, who,
                         two ? before : "it");
    case EdgeKind::session_order:
    case EdgeKind::reads_from:
    case EdgeKind::one_transaction:
    case EdgeKind::causal_order:
      return causal_edge_in_words(history, edge);
    case EdgeKind::list_contents: {
      const bool of_write = !edge.operations.empty() && history.operations[edge.operations.back()].is_write();
      const char* how = !edge.operations.empty() && history.operations[edge.operations.front()].is_write() ? "appended"
                                                                                                           : "seen in it";
      if (of_write) {
        return fmt::format("a list shows {} without {} before it, which {} had {} by then",
                           value(history.operations[edge.operations.back()].value), newer, before, how);
      }
      if (contains(edge.older, edge.newer)) {
        return fmt::format("the list shows {} in another place than {} had seen it", newer, before);
      }
      return fmt::format("the list lacks {}, which {} had {}", newer, before, how);
    }
  }
  return "";
}

Story tell(const History& history, const Judgement& judgement, const Violation& violation, Scope scope) {
  Story story;
  story.whose = fmt::format("{} {}, key {}", to_string(scope), name(violation.scope_name), name(violation.key));
  std::vector<std::size_t> order = violation.operations;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return history.operations[a].invoke < history.operations[b].invoke;
  });
  if (order.empty()) order.push_back(violation.operation);
  const bool measured = times_of(history.header) == Times::measured;
  const Origin origin = measured ? Origin(history.operations[order.front()].invoke) : std::nullopt;
  for (const std::size_t index : order) {
    const Operation& operation = history.operations[index];
    std::string words = words_of(operation, origin);
    if (index == violation.operation) words += how_it_was_wrong(violation, operation);
    std::optional<double> at_ms;
    if (origin) at_ms = milliseconds_between(*origin, operation.invoke);
    story.steps.push_back({index, at_ms, std::move(words)});
  }
  story.reasons = reasons_of(history, violation);
  story.circumstances = circumstances_of(history, judgement, violation);
  return story;
}

}  // namespace afterwrite
