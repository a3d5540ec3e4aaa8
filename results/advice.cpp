#include "results/advice.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checkers/recorded_member.hpp"
#include "checkers/run_end.hpp"
#include "harness/history/text.hpp"
#include "results/quantities.hpp"
#include "results/repeating.hpp"

namespace afterwrite {
namespace {

/// What advice depends on, worked out once.
struct Findings {
  std::string policy;  ///< without parameters; empty for a history that names none
  bool audit = false;  ///< a run of ours: flags can be named
  bool read_your_writes = false;
  bool monotonic_reads = false;
  bool failover = false;
  bool lost = false;         ///< acknowledged writes, at a failover
  bool stale = false;        ///< something was broken for another reason
  bool endpoint = false;     ///< the system routes behind one address, and no node of it was named
  bool own_servers = false;  ///< of the user's: flags that change servers are refused
  bool described = false;    ///< a service that the scenario describes (http)
  bool adapter = false;      ///< a program of the user's speaks to the system (exec)
  bool views = false;        ///< reads went through the system's views, which no read policy chooses between
  bool control = false;
  bool at_risk_too_few = false;
  bool dropped = false;
  std::uint64_t fewest_at_risk = 0;
  double longest_lag_ms = 0;
};

/// Whose reads a read policy could have mended, and what none could.
void take_entries(const Row& row, Findings& found) {
  for (const Violation& violation : row.entries) {
    found.lost = found.lost || !violation.lost_at.empty();
    found.stale = found.stale || violation.lost_at.empty();
    found.read_your_writes = found.read_your_writes || has(violation.guarantees, Guarantee::read_your_writes);
    found.monotonic_reads = found.monotonic_reads || has(violation.guarantees, Guarantee::monotonic_reads);
  }
}

Findings find(const History& history, const Judgement& judgement, const RunSummary& summary) {
  Findings found;
  found.policy = history.header.policy.substr(0, history.header.policy.find(':'));
  const auto scenario = history.header.all.find("scenario");
  found.audit = scenario != history.header.all.end();
  if (found.audit) {
    found.endpoint = found.policy == "endpoint" || recorded_text(*scenario, "endpoint").has_value();
    found.described = history.header.system == "http";
    found.adapter = history.header.system == "exec";
    found.own_servers =
        found.endpoint || found.described || found.adapter || recorded_text(*scenario, "leader").has_value();
  }
  found.views = history.header.workload == "views";
  bool first = true;
  for (const Row& row : judgement.rows) {
    if (is_of_control(row)) {
      found.control = true;
      continue;
    }
    found.fewest_at_risk = first ? row.at_risk : std::min(found.fewest_at_risk, row.at_risk);
    first = false;
    found.dropped = found.dropped || !row.dropped.empty();
    if (row.verdict == Verdict::unknown && judgement.anomalies.empty()) found.at_risk_too_few = true;
    if (row.verdict == Verdict::violated) take_entries(row, found);
  }
  found.failover = std::any_of(judgement.faults.begin(), judgement.faults.end(),
                               [](const FaultEpisode& episode) { return episode.fault == "failover" && episode.bit; });
  for (const NodeLag& node : summary.lag)
    found.longest_lag_ms = std::max(found.longest_lag_ms, node.lag_ms.max);
  return found;
}

std::string longest_lag(const Findings& found) {
  if (found.longest_lag_ms <= 0) return "";
  return fmt::format(" ({} was the most seen here)", milliseconds_text(found.longest_lag_ms));
}

const std::string version_token =
    "`version-token` keeps both guarantees: a read carries the position of what its session last wrote and saw, and "
    "waits until the follower has applied it, or goes to the leader.";

void advise_by_policy(const Findings& found, std::vector<std::string>& all) {
  if (found.policy == "any-replica") {
    all.push_back(version_token);
    if (found.read_your_writes) {
      all.push_back(
          fmt::format("`recent-writer:WINDOW` keeps read-your-writes if the window is longer than the lag{}; "
                      "it does not keep monotonic-reads.",
                      longest_lag(found)));
    }
    if (found.monotonic_reads) {
      all.emplace_back(
          "`sticky-replica` keeps monotonic-reads as long as a session's follower lives; it does not keep "
          "read-your-writes.");
    }
    all.emplace_back("`leader` keeps both, and takes the followers out of service for reads.");
  } else if (found.policy == "recent-writer") {
    if (found.read_your_writes) {
      all.push_back(fmt::format("The window must be longer than the lag{}. `version-token` needs no guess about lag.",
                                longest_lag(found)));
    }
    if (found.monotonic_reads) {
      all.emplace_back(
          "`recent-writer` protects only who wrote lately: a session that reads what others wrote still "
          "moves between followers. `version-token` keeps monotonic-reads too.");
    }
  } else if (found.policy == "sticky-replica") {
    if (found.read_your_writes) {
      all.push_back("A session's own follower is behind the session's writes. " + version_token);
    }
    if (found.monotonic_reads) {
      all.emplace_back(
          "A session that loses its follower goes on at another one, which may be behind the first. Only "
          "a token that survives the move (`version-token`) keeps monotonic-reads.");
    }
  } else if (found.policy == "version-token") {
    all.emplace_back(
        "This policy ought to keep both. Look in the witness at `position`, `waited_ms` and `fallback`: "
        "the token was too low, or a follower answered that it had applied what it did not show.");
  } else if (found.policy == "leader") {
    all.emplace_back(
        "Reads from the leader are stale only if an acknowledged write was lost or if two nodes took "
        "themselves for the leader. Look at `node` and `epoch` in the witness.");
  } else {
    all.emplace_back(
        "Find out which replica served the read of the witness and whether the session's next read could have "
        "gone elsewhere; what mends it is to read from the leader after a write, or to wait for the write's "
        "position. If operations bear labels, `--group-by LABEL` judges routes apart.");
  }
}

void advise_violated(const Findings& found, std::vector<std::string>& all) {
  if (found.views) {
    all.emplace_back(
        "The system answers each view as it does, so no read policy mends this. The table says which views break what is promised of them, and "
        "`told` in report.json what their answers themselves said of each breach. A longer run gives the cells with `?` more reads at risk.");
    return;
  }
  if (!found.lost) {
    advise_by_policy(found, all);
    if (found.failover) {
      all.emplace_back(
          "No acknowledged write was seen to be lost at the failover. Where one is lost, no read policy keeps a "
          "guarantee.");
    }
    return;
  }
  all.emplace_back(
      "Acknowledged writes were lost at the failover, and no read policy mends that: let writes wait for a "
      "follower before they are acknowledged (synchronous replication), and promote only that one.");
  // Which policy would keep a guarantee is not to be said here: with such a loss none does.
  if (found.stale && found.policy != "leader" && found.policy != "version-token") {
    all.emplace_back(
        "Reads that were stale for another reason than the loss need a read policy as well: `version-token` waits "
        "until a follower has applied what is owed, or goes to the leader. It cannot show a write that no server "
        "has any more.");
  }
}

/// Where no beats are, of a system whose nodes only the user knows.
std::string how_lag_is_sampled(const Findings& found) {
  if (found.described) {
    return "Nothing showed how far any node was behind. Give the scenario a `lag_probe`, and under `nodes` a URL for "
           "each node that can be "
           "asked by itself: then the run samples their lag.";
  }
  return "Nothing showed how far any node was behind. Let the adapter name every node that can be asked by itself, and "
         "answer `beat` "
         "(`\"beat\":true` in its answer to hello): then the run samples their lag.";
}

void advise_few_at_risk(const Findings& found, const RunSummary& summary, std::vector<std::string>& all) {
  if (!found.audit) {
    all.emplace_back(
        "Few reads could have failed, as far as the history shows. Record sessions that read keys which others "
        "have just written, the system's `version` of each value if it has one, and lag samples "
        "(docs/history-format.md).");
    return;
  }
  if (found.described || found.adapter) {
    if (summary.lag.empty()) all.push_back(how_lag_is_sampled(found));
  } else if (found.endpoint) {
    all.emplace_back(
        "Behind an endpoint no lag can be sampled: only what another session was later seen to miss counts as at "
        "risk. Name the nodes, if they can be reached (`--leader URL --follower URL` in place of `--endpoint`); else "
        "let more sessions observe what others write (the workload's `observers=0.75`) and the run last longer "
        "(`--until at-risk=300`).");
    return;
  }
  if (summary.lag.empty() && (found.described || found.adapter)) {
    all.emplace_back(
        "If that cannot be: let more sessions observe what others write (the workload's `observers=0.75`), and the run "
        "last longer.");
  } else if (summary.lag.empty() && found.own_servers) {
    all.emplace_back(
        "Nothing showed how far any node was behind: name the followers (`--follower URL`), and the run samples their "
        "lag.");
  } else if (summary.lag.empty()) {
    all.emplace_back(
        "Nothing showed how far any node was behind. With followers of its own the run samples their lag: "
        "`--followers 2 --lag 500ms`.");
  } else if (found.longest_lag_ms < 100) {
    all.push_back(fmt::format("No node was seen more than {} behind, and without lag little can be stale: {}.",
                              milliseconds_text(found.longest_lag_ms),
                              found.own_servers ? "run while your system is under load" : "add `--lag 500ms`"));
  }
  all.emplace_back(
      "For more at-risk reads: reads sooner after their writes (`--read-delay 1ms..200ms`), more sessions, a longer "
      "run (`--duration 60s`, or `--until at-risk=300`).");
}

/// Whatever else is the matter, it begins here.
std::string nothing_worked(const Findings& found, const RunSummary& summary) {
  if (summary.outcomes.all() == 0) {
    return found.audit ? "No operation was made: let the load last longer (`--duration`)."
                       : "The history holds no operations. docs/log-your-own.md says what to record.";
  }
  std::string why;
  if (!summary.errors.empty() && !summary.errors.front().error.empty())
    why = fmt::format(", mostly because of: {}", visible_text(summary.errors.front().error, 200));
  return fmt::format("No operation took effect{}. {}", why,
                     found.views   ? "See to the service first; then audit again."
                     : found.audit ? "See what is sent and answered: `afterwrite audit ... --dry-run`; then audit again."
                                   : "See to the system first, or to what recorded `type`; then record again.");
}

std::string without_assumptions(const History& history, const RunSummary& summary) {
  GivenFlags given = summary.given;
  std::erase_if(given, [](const auto& flag) { return flag.first == "--assume"; });
  given.emplace_back("--assume", "none");
  const std::string command = judging_command(history, given);
  if (command.empty()) return "What was recorded contradicts an assumption. Judge again without any: `--assume none`.";
  return fmt::format("What was recorded contradicts an assumption. {} again without any: `{}`.",
                     history.is_stream ? "Pipe the history in once more and judge it" : "Judge", command);
}

void advise_unknown(const History& history, const Judgement& judgement, const RunSummary& summary,
                    const Findings& found, std::vector<std::string>& all) {
  if (const auto why = ended_before_anything(history)) {
    all.push_back(fmt::format("The run ended before anything was asked ({}): {}.", visible_text(*why, 200),
                              interrupted(history) ? "let it run to its end" : "run it again"));
    return;
  }
  if (summary.outcomes.ok == 0) {
    all.push_back(nothing_worked(found, summary));
    return;
  }
  if (!judgement.anomalies.empty()) {
    all.emplace_back(
        "First explain the anomalies: no order of writes explains what was read. Are the values unique? Does the "
        "system, or what recorded the history, change them?");
  }
  for (const FaultEpisode& episode : judgement.faults) {
    // A fault that had no time to do anything is not at fault.
    if (episode.bit || interrupted(history)) continue;
    all.push_back(fmt::format(
        "The fault {} did not do what it was meant to ({}): make it longer or stronger, or aim it elsewhere.",
        visible_text(episode.episode), visible_text(episode.proof, 200)));
  }
  if (found.dropped) {
    all.push_back(without_assumptions(history, summary));
  }
  if (found.at_risk_too_few && all.empty()) advise_few_at_risk(found, summary, all);
  if (summary.truncated || interrupted(history)) all.emplace_back("The run was cut short: let it come to its end.");
}

void advise_held(const Findings& found, const RunSummary& summary, std::vector<std::string>& all) {
  if (!found.audit) {
    all.emplace_back(
        "The history held as far as it goes. Record more of it, under load and while nodes lag, fail and change "
        "roles.");
    return;
  }
  all.push_back(fmt::format(
      "Make it harder: {}. For a tighter bound: `--until at-risk={}`.",
      found.own_servers ? "run while your system is under load, while a follower restarts, while it changes its leader"
                        : "more lag, `--fault kill:follower-1@4s`, `--fault failover@5s,cut=2s`",
      std::max<std::uint64_t>(10 * found.fewest_at_risk, 300)));
  if (!found.control && !found.endpoint) {
    all.emplace_back(
        "`--control` adds a session that reads any replica beside the policy: it shows whether a breach could have "
        "been "
        "seen here at all.");
  }
  const auto share = summary.policy.empty() ? std::nullopt : summary.policy.front().leader_share();
  if (share && *share > 0.5 && found.policy != "leader") {
    all.push_back(fmt::format(
        "{} of the reads went to the leader: the followers hardly served. Is the wait long enough for the lag{}?",
        percent_text(*share), longest_lag(found)));
  }
}

}  // namespace

std::vector<std::string> advice(const History& history, const Judgement& judgement, const RunSummary& summary) {
  const Findings found = find(history, judgement, summary);
  std::vector<std::string> all;
  switch (judgement.verdict) {
    case Verdict::violated:
      advise_violated(found, all);
      break;
    case Verdict::unknown:
      advise_unknown(history, judgement, summary, found, all);
      break;
    case Verdict::held:
      advise_held(found, summary, all);
      break;
  }
  if (judgement.bank && judgement.bank->carried_out_twice > 0) {
    all.emplace_back(
        "Money moved twice because a look at a follower did not show a transfer that was done. Before an action is "
        "repeated, "
        "look at the leader or carry a token.");
  }
  return all;
}

}  // namespace afterwrite
