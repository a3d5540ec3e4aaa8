#include "harness/run/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <random>
#include <set>

#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {
namespace {

constexpr std::size_t most_sessions = 4096;
constexpr std::size_t most_followers = 64;
constexpr std::size_t most_keys = 1'000'000;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <typename Number>
std::optional<Number> whole_text_as(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// True of `scheme://user:secret@host` and of `...password=secret`, unless the secret is taken from the environment.
bool holds_password(std::string_view url) {
  const auto from_environment = [](std::string_view secret) { return secret.starts_with("{env:"); };
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    const std::string_view authority = url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3);
    const std::size_t at = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (at != std::string_view::npos && colon < at && colon + 1 < at &&
        !from_environment(authority.substr(colon + 1))) {
      return true;
    }
  }
  std::string lower(url);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
  });
  constexpr std::string_view word = "password";
  for (std::size_t at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
    std::string_view rest = std::string_view(lower).substr(at + word.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" '"), rest.size()));
    if (!rest.empty() && rest.front() != '&' && !from_environment(rest)) return true;
  }
  return false;
}

void require_one_of(std::string_view flag, const std::string& value, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  throw UsageError(fmt::format("{}: '{}' is not known{}", flag, value, known_names_hint(value, known)));
}

// A message that never repeats the URL: it may hold what must not be shown.
void refuse_password(std::string_view flag, const std::string& url) {
  if (!holds_password(url)) return;
  throw UsageError(
      fmt::format("{}: the URL holds a password, which would end up in process lists and reports; leave it out and "
                  "name a password file in PGPASSFILE, or write {{env:NAME}} in its place",
                  flag));
}

void validate_system(const Scenario& scenario) {
  const bool own_urls = !scenario.leader_url.empty() || !scenario.follower_urls.empty();
  refuse_password("--leader", scenario.leader_url);
  for (const std::string& url : scenario.follower_urls) {
    refuse_password("--follower", url);
    if (url.empty()) throw UsageError("--follower: the URL is empty; name the follower to read from");
  }
  refuse_password("--endpoint", scenario.endpoint_url);
  if (own_urls && !scenario.endpoint_url.empty()) {
    throw UsageError(
        "--endpoint: it stands for the whole system, so --leader and --follower cannot be given beside it; keep one of "
        "the two");
  }
  if (scenario.leader_url.empty() && !scenario.follower_urls.empty()) {
    throw UsageError("--follower: a follower's URL is given but no leader's; add --leader URL");
  }
  if ((own_urls || !scenario.endpoint_url.empty()) && !scenario.lag.empty()) {
    throw UsageError(
        "--lag: replication lag can be injected only into a cluster of afterwrite's own; leave --lag out, or leave out "
        "the "
        "URLs to have a cluster started");
  }
  if (!scenario.endpoint_url.empty() && !scenario.read_policy.empty() && scenario.read_policy != "endpoint") {
    throw UsageError(fmt::format(
        "--read-policy: '{}' chooses between nodes, but --endpoint is one address that routes by itself; use "
        "the policy endpoint, or give --leader and --follower",
        scenario.read_policy));
  }
  if ((own_urls || !scenario.endpoint_url.empty()) && scenario.followers) {
    throw UsageError(
        "--followers: it says how many followers afterwrite starts, but servers of yours are named; leave it out, and "
        "name each follower of yours with --follower URL");
  }
  const std::set<std::string> distinct(scenario.follower_urls.begin(), scenario.follower_urls.end());
  if (distinct.size() < scenario.follower_urls.size() || distinct.contains(scenario.leader_url)) {
    throw UsageError("--follower: one URL is named twice; each node once");
  }
  if (scenario.own_followers() > most_followers) {
    throw UsageError(fmt::format("--followers: {} are too many for one machine; give at most {}",
                                 scenario.own_followers(), most_followers));
  }
  if (!own_urls && scenario.endpoint_url.empty()) {
    if (!scenario.lag.empty() && scenario.own_followers() == 0) {
      throw UsageError("--lag: there is no follower that could lag; give --followers 1 or more, or leave --lag out");
    }
    if (scenario.lag.size() > 1 && scenario.lag.size() != scenario.own_followers()) {
      throw UsageError(fmt::format(
          "--lag: {} durations are listed for {} follower(s); list one for each, or one D for a lag of D, 2D ...",
          scenario.lag.size(), scenario.own_followers()));
    }
  }
}

void validate_load(const Scenario& scenario) {
  if (scenario.system.empty()) throw UsageError("the system's name is empty; see `afterwrite list systems`");
  if (scenario.workload.empty()) throw UsageError("--workload: the name is empty; see `afterwrite list workloads`");
  if (scenario.sessions == 0) throw UsageError("--sessions: 0 sessions do nothing; give at least 1");
  if (scenario.sessions_per_user == 0 || scenario.sessions_per_user > scenario.sessions) {
    throw UsageError(fmt::format("--sessions-per-user: {} of {} session(s) cannot be each user's; give a number from 1 to --sessions",
                                 scenario.sessions_per_user, scenario.sessions));
  }
  if (scenario.sessions > most_sessions) {
    throw UsageError(
        fmt::format("--sessions: {} are too many (each is a thread and a connection or more); give at most {}",
                    scenario.sessions, most_sessions));
  }
  if (scenario.keys == 0) throw UsageError("--keys: 0 keys leave nothing to write; give at least 1");
  if (scenario.keys > most_keys) {
    throw UsageError(fmt::format("--keys: {} are too many; give at most {}", scenario.keys, most_keys));
  }
  if (scenario.operations && scenario.duration) {
    throw UsageError("--ops, --duration: both say when the run ends; keep one of the two");
  }
  if (scenario.operations && scenario.until_at_risk) {
    throw UsageError(
        "--ops, --until: both say when the run ends; keep one of the two (--until may have a --duration as its bound)");
  }
  if (scenario.operations == 0U) throw UsageError("--ops: 0 operations leave nothing to judge; give at least 1");
  if (scenario.until_at_risk == 0U) throw UsageError("--until: at-risk=0 holds at once; give at least 1");
  if (scenario.duration && *scenario.duration <= Duration{0}) {
    throw UsageError("--duration: a run of no length records nothing; give e.g. 10s");
  }
  if (scenario.rate && !(std::isfinite(*scenario.rate) && *scenario.rate > 0)) {
    throw UsageError(
        fmt::format("--rate: {} operations per second is no rate; give a number above 0, e.g. 500/s", *scenario.rate));
  }
  const auto& [shortest, longest] = scenario.read_delay;
  const bool no_pauses = shortest == Duration{0} && longest == Duration{0};
  if (!no_pauses && (shortest <= Duration{0} || longest < shortest)) {
    throw UsageError(fmt::format(
        "--read-delay: {}..{} is no range of delays; write the shorter (above 0) first, e.g. 1ms..2s, or 0 for none",
        format_duration(shortest), format_duration(longest)));
  }
  if (scenario.op_timeout <= Duration{0})
    throw UsageError("--op-timeout: no operation can end in no time; give e.g. 2s");
}

}  // namespace

void validate(const Scenario& scenario) {
  validate_system(scenario);
  validate_load(scenario);
  if (scenario.guarantees.empty()) {
    throw UsageError(
        "--guarantee: none is named; see `afterwrite list guarantees`, or leave it out for read-your-writes and "
        "monotonic-reads");
  }
  require_one_of("--scope", scenario.scope, {"session", "user", "process"});
  if (scenario.expect) require_one_of("--expect", *scenario.expect, {"held", "violated", "unknown"});
  if (scenario.min_at_risk == 0) {
    throw UsageError("--min-at-risk: with 0 a run that could not have failed would count as held; give at least 1");
  }
}

Scenario resolve(Scenario scenario, const SystemDefaults& defaults) {
  const bool own = scenario.leader_url.empty() && scenario.endpoint_url.empty();
  if (scenario.read_policy.empty()) {
    scenario.read_policy = scenario.endpoint_url.empty() ? defaults.read_policy : "endpoint";
  }
  if (own && defaults.own_followers) scenario.followers = scenario.own_followers();
  if (!scenario.duration && !scenario.operations) {
    scenario.duration = scenario.until_at_risk ? until_bound : Duration{std::chrono::seconds(10)};
  }
  if (!scenario.seed) {
    std::random_device source;
    // Below 2^53, so that every JSON reader keeps it exactly.
    scenario.seed = ((std::uint64_t{source()} << 32U) | source()) & ((std::uint64_t{1} << 53U) - 1);
  }
  return scenario;
}

std::vector<Duration> parse_lag(std::string_view text, std::string_view what) {
  std::vector<Duration> lag;
  for (const std::string_view part : split(text, ','))
    lag.push_back(parse_duration(part, what));
  return lag;
}

std::uint64_t parse_until(std::string_view text, std::string_view what) {
  constexpr std::string_view name = "at-risk=";
  const std::optional<std::uint64_t> count =
      text.starts_with(name) ? whole_text_as<std::uint64_t>(text.substr(name.size())) : std::nullopt;
  if (!count) throw UsageError(fmt::format("{}: '{}' is no condition; write at-risk=N, e.g. at-risk=300", what, text));
  return *count;
}

double parse_rate(std::string_view text, std::string_view what) {
  std::string_view number = text;
  if (number.ends_with("/s")) number.remove_suffix(2);
  const std::optional<double> rate = whole_text_as<double>(number);
  if (!rate || !std::isfinite(*rate) || *rate <= 0) {
    throw UsageError(fmt::format("{}: '{}' is no rate; write operations per second above 0, e.g. 500/s", what, text));
  }
  return *rate;
}

std::pair<Duration, Duration> parse_read_delay(std::string_view text, std::string_view what) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    const Duration both = parse_duration(text, what);
    return {both, both};
  }
  return {parse_duration(text.substr(0, dots), what), parse_duration(text.substr(dots + 2), what)};
}

}  // namespace afterwrite
