#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/session/clock.hpp"

namespace afterwrite {

/// Everything that an audit is asked to do: what a scenario file holds and what flags override. Texts that
/// others parse (policy, faults) are kept as texts, so that a report can repeat them word for word.
struct Scenario {
  std::string system = "postgres";

  // A system of its own.
  std::optional<std::size_t> followers;  ///< 2 unless given; meaningless for a system of the user's
  /// Replication lag for the whole run. One entry D gives follower i (from 1) a lag of i*D; several set each; empty:
  /// none.
  std::vector<Duration> lag;
  std::map<std::string, std::string> options;  ///< `--opt name=value`, meant for the adapter
  std::size_t own_followers() const { return followers.value_or(2); }

  // A system of the user's.
  std::string leader_url;
  std::vector<std::string> follower_urls;
  std::string endpoint_url;

  // A service that the scenario describes. What these members mean is the system's adapter's to say, and to check.
  /// Those of service_members() that the file has, word for word; an object.
  nlohmann::json service = nlohmann::json::object();
  std::string service_file;  ///< the file they are from, for messages
  /// The assumptions that hold for the system; what its kind says unless given.
  std::optional<std::vector<std::string>> assume;

  // The load.
  std::string workload = "register";
  std::size_t sessions = 8;
  /// So many sessions belong to each user (a user with two devices). Session i is user i mod n's, n being the number of users, so that
  /// where workloads have writers first and readers last, each user has both.
  std::size_t sessions_per_user = 1;
  std::size_t users() const { return (sessions + sessions_per_user - 1) / sessions_per_user; }
  std::string user_of(std::size_t session) const { return "u" + std::to_string(session % users()); }
  std::size_t keys = 16;
  std::optional<Duration> duration;            ///< 10 s unless another end is named; with until_at_risk: its bound
  std::optional<std::uint64_t> operations;     ///< end after so many
  std::optional<std::uint64_t> until_at_risk;  ///< end once so many at-risk reads were seen, or at `duration`
  std::optional<double> rate;                  ///< operations per second of all sessions together
  std::pair<Duration, Duration> read_delay{std::chrono::milliseconds(1), std::chrono::seconds(2)};
  Duration op_timeout = std::chrono::seconds(2);
  std::optional<std::uint64_t> seed;  ///< drawn at random, and reported, unless given
  std::string read_policy;            ///< `any-replica` unless given; `endpoint` with an endpoint URL
  std::vector<std::string> faults;
  bool control = false;

  // The judgement.
  std::vector<std::string> guarantees{"read-your-writes", "monotonic-reads"};
  std::string scope = "session";
  std::uint64_t min_at_risk = 30;
  std::optional<std::string> expect;
};

/// How long a run waits for at-risk reads when no other bound is named: a quiet system never shows any.
inline constexpr Duration until_bound = std::chrono::minutes(10);

/// The members of a scenario file that describe a service: `nodes`, `read`, `write`, `start`, `links` ... They have no flags.
std::span<const std::string_view> service_members();

/// Lays the members of `json` over `scenario`. The names are those of the flags without dashes in front
/// (`read-policy`, `op-timeout`, `follower` ...; `--fault` and `--opt` are `faults` and `options`), the values as on
/// the command line (`"500ms"`, `"at-risk=300"`, `"1ms..2s"`) or as plain JSON numbers and arrays where that says the
/// same. A named end (`duration`, `ops`, `until`) replaces the ends named before; options are added to those there
/// were. Throws UsageError naming `where` (a file; empty: the command line) and the member for an unknown or mistyped
/// one.
void apply_json(Scenario& scenario, const nlohmann::json& json, const std::string& where);

/// Reads a scenario file (JSON, comments allowed) over the defaults. Throws UsageError with file, line and what to do.
Scenario read_scenario(const std::string& file);

/// The scenario as a file would hold it: apply_json(to_json(s)) over the defaults is `s`. Holds no secret once
/// validate() has passed.
nlohmann::json to_json(const Scenario& scenario);

/// Refuses what cannot work whatever the system: no sessions, a lag list of the wrong length, two ends that exclude
/// each other, a password in a URL. Throws UsageError.
void validate(const Scenario& scenario);

/// What a kind of system has where a scenario says nothing.
struct SystemDefaults {
  std::string read_policy = "any-replica";  ///< empty: it depends on the nodes that the system turns out to have
  bool own_followers = true;                ///< it is started with followers, where no URL names servers of the user's
};

/// The scenario with everything filled in that was left open: the read policy, the end of the run, and a seed drawn at
/// random.
Scenario resolve(Scenario scenario, const SystemDefaults& defaults = {});

// The texts of flags. Each throws UsageError naming `what` (e.g. "--lag"), the text and the accepted form.

/// `500ms` or `400ms,1200ms`.
std::vector<Duration> parse_lag(std::string_view text, std::string_view what);
/// `at-risk=300`.
std::uint64_t parse_until(std::string_view text, std::string_view what);
/// `500/s` or `500`: operations per second, above 0.
double parse_rate(std::string_view text, std::string_view what);
/// `1ms..2s`, or one duration for both ends.
std::pair<Duration, Duration> parse_read_delay(std::string_view text, std::string_view what);

}  // namespace afterwrite
