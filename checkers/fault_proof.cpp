#include "checkers/fault_proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

namespace afterwrite {

namespace {

constexpr double milliseconds = 1e6;
constexpr double shortest_to_show_ms = 100;

struct Seen {
  bool any = false;
  double first = 0;
  double highest = 0;
};

/// Lag at a node within an episode. A little after its end counts: a sample is taken only so often, and the last one still shows what had grown.
Seen lag_at(const History& history, const std::string& node, Nanoseconds from, Nanoseconds to) {
  Seen seen;
  constexpr Nanoseconds grace = 100'000'000;
  for (const LagSample& sample : history.lags) {
    if (sample.node != node || !sample.reachable || sample.time < from || sample.time > to + grace) continue;
    if (!seen.any) seen.first = sample.lag_ms;
    seen.any = true;
    seen.highest = std::max(seen.highest, sample.lag_ms);
  }
  return seen;
}

/// Operations that a node refused or did not answer within an episode: what a cut of the sessions' own links does.
bool refused_at(const History& history, const std::string& node, Nanoseconds from, Nanoseconds to) {
  return std::any_of(history.operations.begin(), history.operations.end(), [&](const Operation& op) {
    return op.node == node && op.outcome != Outcome::ok && op.complete >= from && op.invoke <= to;
  });
}

void prove_lag(const History& history, FaultEpisode& episode) {
  const double asked = episode.detail.value("delay_ms", 0.0);
  episode.bit = !episode.targets.empty();
  for (const std::string& node : episode.targets) {
    const Seen seen = lag_at(history, node, episode.start, episode.end);
    const bool bit = seen.any && seen.highest >= asked / 2;
    episode.bit = episode.bit && bit;
    if (!episode.proof.empty()) episode.proof += "; ";
    episode.proof += seen.any ? fmt::format("lag at {} reached {:.0f} ms of {:.0f} ms asked", node, seen.highest, asked)
                              : fmt::format("no lag was sampled at {}", node);
  }
}

void prove_growth(const History& history, FaultEpisode& episode) {
  const double duration = static_cast<double>(episode.end - episode.start) / milliseconds;
  episode.bit = !episode.targets.empty();
  for (const std::string& node : episode.targets) {
    const Seen seen = lag_at(history, node, episode.start, episode.end);
    const double grown = seen.highest - seen.first;
    const bool by_lag = seen.any && grown >= duration / 2;
    const bool by_refusal = !by_lag && refused_at(history, node, episode.start, episode.end);
    episode.bit = episode.bit && (by_lag || by_refusal || duration < shortest_to_show_ms);
    if (!episode.proof.empty()) episode.proof += "; ";
    if (by_refusal) {
      episode.proof += fmt::format("operations at {} were refused or not answered", node);
    } else if (seen.any) {
      episode.proof += fmt::format("lag at {} grew by {:.0f} ms in {:.0f} ms", node, grown, duration);
    } else {
      episode.proof += fmt::format("no lag was sampled at {}", node);
    }
  }
}

void prove_by_record(FaultEpisode& episode, const char* member, const char* yes, const char* no) {
  // Who recorded it may say so outright; else what was recorded of it tells.
  episode.bit = episode.detail.value("bit", false) || episode.detail.value(member, false);
  episode.proof = episode.bit ? yes : no;
}

/// What whoever played the fault saw by itself: a proxy, for instance, that held bytes of the sessions' own links.
std::string recorded_proof(const FaultEpisode& episode) {
  const auto held = episode.detail.value("held_bytes", std::int64_t{0});
  const auto reset = episode.detail.value("connections_reset", std::int64_t{0});
  if (held == 0 && reset == 0) return "recorded as done";
  return fmt::format("{} bytes were held, {} connections reset", held, reset);
}

void prove(const History& history, FaultEpisode& episode) {
  const auto recorded = episode.detail.find("bit");
  const bool known = recorded != episode.detail.end() && recorded->is_boolean();
  if (known && !recorded->get<bool>()) {
    episode.bit = false;
    episode.proof = episode.detail.value("error", std::string("it could not be done"));
  } else if (episode.fault == "kill") {
    prove_by_record(episode, "reaped", "the process was killed and reaped", "no killed process was reaped");
  } else if (episode.fault == "failover") {
    prove_by_record(episode, "accepted_write", "the new leader accepted a write",
                    "no new leader was seen to accept a write");
  } else {
    if (episode.fault == "lag") {
      prove_lag(history, episode);
    } else {
      prove_growth(history, episode);
    }
    // On the sessions' own links no sample shows it: there the record stands.
    if (known && !episode.bit) {
      episode.bit = true;
      episode.proof = recorded_proof(episode);
    }
  }
}

}  // namespace

std::vector<FaultEpisode> prove_faults(const History& history) {
  Nanoseconds last = 0;
  for (const Operation& op : history.operations) last = std::max(last, op.complete);
  for (const LagSample& sample : history.lags) last = std::max(last, sample.time);
  std::vector<FaultEpisode> episodes;
  std::map<std::string, std::size_t> places;
  for (const FaultEvent& event : history.faults) {
    const std::string name = event.episode.empty() ? event.fault : event.episode;
    const auto [place, fresh] = places.emplace(name, episodes.size());
    if (fresh) {
      FaultEpisode& episode = episodes.emplace_back();
      episode.episode = name;
      episode.fault = event.fault;
      episode.start = event.time;
      episode.end = std::max(last, event.time);
    }
    FaultEpisode& episode = episodes[place->second];
    if (episode.targets.empty()) episode.targets = event.targets;
    if (event.phase == "end") episode.end = event.time;
    if (event.detail.is_object()) episode.detail.update(event.detail);
  }
  for (FaultEpisode& episode : episodes) prove(history, episode);
  return episodes;
}

std::vector<std::string> faults_between(const std::vector<FaultEpisode>& episodes, Nanoseconds from,
                                        Nanoseconds to) {
  std::vector<std::string> on;
  for (const FaultEpisode& episode : episodes) {
    if (episode.start <= to && episode.end >= from) on.push_back(episode.episode);
  }
  return on;
}

}  // namespace afterwrite
