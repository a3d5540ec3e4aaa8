#include "adapters/memory/settings.hpp"

#include <algorithm>

#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::memory {
namespace {

/// One of two words: true for the second.
bool parse_choice(const std::string& name, const std::string& value, const char* first, const char* second) {
  if (value != first && value != second) {
    throw UsageError("--opt " + name + "=" + value + ": '" + value + "' is no value of '" + name + "'" +
                     known_names_hint(value, {first, second}));
  }
  return value == second;
}

void set_versions(Settings& settings, const std::string& value) {
  settings.versions = parse_choice("versions", value, "off", "on");
}

void set_sync(Settings& settings, const std::string& value) {
  settings.sync_all = parse_choice("sync", value, "off", "all");
}

void set_latency(Settings& settings, const std::string& value) {
  settings.latency = parse_duration(value, "--opt latency");
  if (settings.latency > std::chrono::hours(1)) {
    throw UsageError("--opt latency: " + value + " is longer than an hour: no call would ever come back");
  }
}

void set_bug(Settings& settings, const std::string& value) {
  settings.bug = parse_bug(value);
}

struct Row {
  MemoryOptionKind kind;
  void (*set)(Settings&, const std::string&);
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table{
      {{"bug", "bug=NAME", "plant a bug, to see that it is found; none: the system keeps its promises"}, set_bug},
      {{"sync", "sync=off|all", "all: a write is acknowledged once all followers have applied it"}, set_sync},
      {{"versions", "versions=on|off", "off: replies do not say which version they show"}, set_versions},
      {{"latency", "latency=200us", "how long each call takes, there and back (0)"}, set_latency},
  };
  return table;
}

std::vector<Duration> lag_of_each(const MemoryOptions& options) {
  const std::vector<Duration>& lag = options.lag;
  const std::size_t followers = options.followers;
  if (lag.empty()) return std::vector<Duration>(followers, Duration{0});
  if (followers == 0) {
    throw UsageError("--lag: there is no follower that could lag: give --followers 1 or more");
  }
  if (lag.size() != 1 && lag.size() != followers) {
    throw UsageError("--lag: " + std::to_string(lag.size()) + " lags for " + std::to_string(followers) +
                     " followers: give one (follower i then lags i times as much) or " + std::to_string(followers));
  }
  constexpr Duration longest = std::chrono::hours(24);
  for (const Duration each : lag) {
    if (each < Duration{0} || each > longest) {
      throw UsageError("--lag: " + format_duration(each) + " is out of range: give a lag from 0 to " +
                       format_duration(longest));
    }
  }
  if (lag.size() == followers) return lag;
  std::vector<Duration> all;
  for (std::size_t i = 1; i <= followers; ++i)
    all.push_back(lag.front() * static_cast<std::int64_t>(i));
  return all;
}

}  // namespace

const std::vector<MemoryOptionKind>& memory_option_kinds() {
  static const std::vector<MemoryOptionKind> kinds = [] {
    std::vector<MemoryOptionKind> all;
    for (const Row& row : rows())
      all.push_back(row.kind);
    return all;
  }();
  return kinds;
}

Settings parse_settings(const MemoryOptions& options) {
  constexpr std::size_t most_followers = 1000;
  if (options.followers > most_followers) {
    throw UsageError("--followers: " + std::to_string(options.followers) + " are too many: at most " +
                     std::to_string(most_followers));
  }
  Settings settings;
  settings.seed = options.seed;
  settings.lag = lag_of_each(options);
  for (const auto& [name, value] : options.options) {
    const auto row = std::find_if(rows().begin(), rows().end(), [&](const Row& r) { return r.kind.name == name; });
    if (row == rows().end()) {
      std::vector<std::string> known;
      for (const Row& r : rows())
        known.emplace_back(r.kind.name);
      throw UsageError("--opt " + name + "=" + value + ": the memory system has no option '" + name + "'" +
                       known_names_hint(name, known));
    }
    row->set(settings, value);
  }
  return settings;
}

}  // namespace afterwrite::memory
