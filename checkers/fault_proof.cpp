#include "checkers/fault_proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "checkers/recorded_member.hpp"

namespace afterwrite {

namespace {

constexpr double milliseconds = 1e6;
constexpr double shortest_to_show_ms = 100;  // samples come too seldom to tell a shorter growth from none
constexpr double rounded_away = 0.5;  // ms; they are told without decimals

/// The history, and what it was spared.
struct Run {
  const History& history;
  const Cleared& cleared;
};

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
bool refused_at(const Run& run, const std::string& node, Nanoseconds from, Nanoseconds to) {
  const auto then_and_there = [&](const auto& op) {
    return op.node == node && op.complete >= from && op.invoke <= to;
  };
  return std::any_of(run.history.operations.begin(), run.history.operations.end(), [&](const Operation& op) {
           return op.outcome != Outcome::ok && then_and_there(op);
         }) || std::any_of(run.cleared.refused.begin(), run.cleared.refused.end(), then_and_there);
}

/// The links that a fault was put on, as whoever played it recorded them.
struct Links {
  bool recorded = false;
  bool clients = false;             ///< those of the sessions to the target
  bool service = false;             ///< the target is a link that the scenario names
  std::vector<std::string> others;  ///< where replication runs: the node at the other end of each link of the target
};

Links links_of(const FaultEpisode& episode) {
  Links links;
  const auto* all = recorded_array(episode.detail, "links");
  if (all == nullptr || episode.targets.empty()) return links;
  const std::string& target = episode.targets.front();
  for (const auto& link : *all) {
    const auto carries = recorded_text(link, "carries");
    const auto from = recorded_text(link, "from");
    const auto to = recorded_text(link, "to");
    if (!carries) continue;
    links.recorded = true;
    if (*carries == "clients") {
      links.clients = true;
    } else if (*carries == "service") {
      links.service = true;
    } else if (from && to) {
      links.others.push_back(*from == target ? *to : *from);
    }
  }
  return links;
}

/// Who led at a time: the header's leader, or the node that a failover had promoted by then. Empty if nothing tells.
std::string leader_at(const History& history, Nanoseconds time) {
  std::string leader;
  if (const auto* nodes = recorded_array(history.header.all, "nodes")) {
    for (const auto& node : *nodes) {
      if (recorded_text(node, "role") == "leader") leader = recorded_text(node, "name").value_or("");
    }
  }
  for (const FaultEvent& event : history.faults) {
    if (event.fault != "failover" || event.time > time) continue;
    if (auto promoted = recorded_text(event.detail, "promoted")) leader = *std::move(promoted);
  }
  return leader;
}

/// Where the lag shows that a fault makes: a leader is never behind itself, so what its replication links carry is looked for at the followers.
std::vector<std::string> receivers(const History& history, const FaultEpisode& episode, const Links& links) {
  if (const auto* all = recorded_array(episode.detail, "receivers")) {
    std::vector<std::string> named;
    for (const auto& node : *all) {
      if (node.is_string()) named.push_back(node.get<std::string>());
    }
    if (!named.empty()) return named;
  }
  if (links.others.empty()) return episode.targets;
  const std::string leader = leader_at(history, episode.start);
  const bool leads = leader.empty() ? links.others.size() > 1 : leader == episode.targets.front();
  return leads ? links.others : episode.targets;
}

void add_proof(FaultEpisode& episode, const std::string& words) {
  if (!episode.proof.empty()) episode.proof += "; ";
  episode.proof += words;
}

double lasted_ms(const FaultEpisode& episode) {
  return static_cast<double>(episode.end - episode.start) / milliseconds;
}

/// What is not in force for so long, as its time had passed before its turn came for example, makes no such lag: another did.
bool long_enough(FaultEpisode& episode, double least_ms) {
  if (lasted_ms(episode) >= least_ms) return true;
  add_proof(episode, fmt::format("it lasted {:.0f} ms, too short to show", lasted_ms(episode)));
  return false;
}

/// Claims no more than was asked: whatever lag there was beyond that, something else may have made.
void prove_lag(const History& history, FaultEpisode& episode, const std::vector<std::string>& nodes) {
  const double asked = recorded_number(episode.detail, "delay_ms").value_or(0);
  if (!long_enough(episode, asked / 2)) return;
  episode.bit = !nodes.empty();
  for (const std::string& node : nodes) {
    const Seen seen = lag_at(history, node, episode.start, episode.end);
    episode.bit = episode.bit && seen.any && seen.highest >= asked / 2;
    if (!seen.any) {
      add_proof(episode, fmt::format("no lag was sampled at {}", node));
    } else if (seen.highest >= asked - rounded_away) {
      add_proof(episode, fmt::format("lag at {} reached the {:.0f} ms asked", node, asked));
    } else {
      add_proof(episode, fmt::format("lag at {} reached {:.0f} ms of {:.0f} ms asked", node, seen.highest, asked));
    }
  }
}

/// Operations may be refused for many reasons: they count only where the fault was on the sessions' way to the node.
void prove_growth(const Run& run, FaultEpisode& episode, const std::vector<std::string>& nodes,
                  bool refusals_count) {
  const double duration = lasted_ms(episode);
  episode.bit = !nodes.empty();
  for (const std::string& node : nodes) {
    const Seen seen = lag_at(run.history, node, episode.start, episode.end);
    const double grown = seen.highest - seen.first;
    const bool by_lag = seen.any && duration >= shortest_to_show_ms && grown >= duration / 2;
    const bool by_refusal =
        !by_lag && refusals_count && refused_at(run, node, episode.start, episode.end);
    episode.bit = episode.bit && (by_lag || by_refusal);
    if (by_refusal) {
      add_proof(episode, fmt::format("operations at {} were refused or not answered", node));
    } else if (!long_enough(episode, shortest_to_show_ms)) {
      return;
    } else if (!seen.any) {
      add_proof(episode, fmt::format("no lag was sampled at {}", node));
    } else if (grown >= duration - rounded_away) {
      add_proof(episode, fmt::format("lag at {} grew by the {:.0f} ms that it lasted", node, duration));
    } else {
      add_proof(episode, fmt::format("lag at {} grew by {:.0f} ms in {:.0f} ms", node, grown, duration));
    }
  }
}

void prove_by_record(FaultEpisode& episode, const char* member, const char* yes, const char* no) {
  // Who recorded it may say so outright; else what was recorded of it tells.
  episode.bit = recorded_flag(episode.detail, "bit").value_or(false) ||
                recorded_flag(episode.detail, member).value_or(false);
  episode.proof = episode.bit ? yes : no;
}

/// What whoever played the fault saw by itself: a proxy, for instance, that held bytes of the sessions' own links.
std::string recorded_proof(const FaultEpisode& episode) {
  const auto held = recorded_count(episode.detail, "held_bytes").value_or(0);
  const auto reset = recorded_count(episode.detail, "connections_reset").value_or(0);
  if (held == 0 && reset == 0) return "recorded as done";
  if (const auto frames = recorded_count(episode.detail, "held_frames").value_or(0); frames > 0) {
    return fmt::format("{} data frames were held, the longest for {:.0f} ms, {} connections reset", frames,
                       recorded_number(episode.detail, "longest_held_ms").value_or(0), reset);
  }
  return fmt::format("{} bytes were held, {} connections reset", held, reset);
}

/// On links that do not carry replication between nodes no lag sample shows anything; a lag that grows meanwhile is another's. What a
/// link of the service's leads to is not known, so only the proxy can tell. Of a hold it knows what it kept, and where a system has no beats,
/// there is nobody else to ask.
void prove_by_proxy(const Run& run, FaultEpisode& episode, const Links& links) {
  const bool held = recorded_count(episode.detail, "held_bytes").value_or(0) > 0;
  const bool reset = recorded_count(episode.detail, "connections_reset").value_or(0) > 0;
  const std::string& node = episode.targets.front();
  if (held || reset || recorded_flag(episode.detail, "bit").value_or(false)) {
    episode.bit = true;
    episode.proof = recorded_proof(episode);
  } else if (run.history.truncated && !recorded_count(episode.detail, "held_bytes")) {
    episode.proof = "the recording ended before the proxy said what it held";
  } else if (links.service) {
    episode.proof = fmt::format("no byte was held and no connection reset on {}", node);
  } else if (links.clients && episode.fault != "lag" && episode.fault != "hold" && refused_at(run, node, episode.start, episode.end)) {
    episode.bit = true;
    episode.proof = fmt::format("operations at {} were refused or not answered", node);
  } else {
    episode.proof = fmt::format("no byte was held and no connection reset on {} links to {}",
                                links.others.empty() ? "the sessions'" : "the", node);
  }
}

/// Whether the proxy kept data of a stream back whose frames it knows, or broke connections.
bool hit_the_stream(const FaultEpisode& episode) {
  return recorded_count(episode.detail, "held_frames").value_or(0) > 0 || recorded_count(episode.detail, "connections_reset").value_or(0) > 0;
}

void prove(const Run& run, FaultEpisode& episode) {
  const auto recorded = recorded_flag(episode.detail, "bit");
  const Links links = links_of(episode);
  const bool by_proxy = links.service || (links.clients && links.others.empty()) || episode.fault == "hold" ||
                        (run.history.lags.empty() && hit_the_stream(episode));
  if (recorded == false) {
    episode.proof = recorded_text(episode.detail, "error").value_or("it could not be done");
  } else if (episode.fault == "none") {
    episode.bit = true;
    episode.proof = "nothing was injected, as asked";
  } else if (episode.fault == "kill") {
    prove_by_record(episode, "reaped", "the process was killed and reaped", "no killed process was reaped");
  } else if (episode.fault == "failover") {
    prove_by_record(episode, "accepted_write", "the new leader accepted a write",
                    "no new leader was seen to accept a write");
  } else if (by_proxy) {
    prove_by_proxy(run, episode, links);
  } else {
    const std::vector<std::string> nodes = receivers(run.history, episode, links);
    if (episode.fault == "lag") {
      prove_lag(run.history, episode, nodes);
    } else {
      const bool on_clients = links.recorded ? links.clients : episode.fault != "pause-replay";
      prove_growth(run, episode, nodes, on_clients && nodes == episode.targets);
    }
    // A recorder that names no links may have seen what no sample shows.
    if (recorded == true && !episode.bit) {
      episode.bit = true;
      episode.proof = recorded_proof(episode);
    }
  }
}

}  // namespace

std::vector<FaultEpisode> prove_faults(const History& history, const Cleared& cleared) {
  Nanoseconds last = cleared.last_complete;
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
  for (FaultEpisode& episode : episodes) prove({history, cleared}, episode);
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
