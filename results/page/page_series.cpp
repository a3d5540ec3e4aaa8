#include "results/page/page_series.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "harness/history/text.hpp"
#include "results/page/embedded_json.hpp"
#include "results/story.hpp"

namespace afterwrite {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_lag_nodes = 12;
constexpr std::size_t most_faults = 300;
constexpr std::size_t most_fault_bytes = 60'000;
constexpr std::size_t name_bytes = 60;
constexpr double nanoseconds_a_millisecond = 1e6;

double thousandths(double milliseconds) {
  return std::round(milliseconds * 1000) / 1000;
}

/// A column of the series: one figure of each bin.
template <typename Figure>
Json column(const Timeline& timeline, Figure figure) {
  Json list = Json::array();
  for (const TimelineBin& bin : timeline.bins)
    list.push_back(figure(bin));
  return list;
}

Json latency(const Distribution& measured, double Distribution::*figure) {
  return measured.count == 0 ? Json(nullptr) : Json(thousandths(measured.*figure));
}

/// Each operation once, whichever rows it breaks.
Json violations_over_time(const History& history, const Judgement& judgement, const Timeline& timeline) {
  std::unordered_set<std::size_t> broken;
  for (const Row& row : judgement.rows) {
    if (is_of_control(row)) continue;
    for (const Violation& violation : row.entries) {
      broken.insert(violation.operation);
      for (const Repeat& repeat : violation.repeats)
        broken.insert(repeat.operation);
    }
  }
  std::vector<std::uint64_t> counts(timeline.bins.size());
  for (const std::size_t index : broken) {
    const double place =
        std::floor((static_cast<double>(history.operations[index].complete) - static_cast<double>(timeline.begin)) /
                   static_cast<double>(timeline.width));
    if (place >= 0 && place < static_cast<double>(counts.size())) ++counts[static_cast<std::size_t>(place)];
  }
  return counts;
}

/// The longest lag of one node in each bin. Samples are taken before and after the load too.
class NodeSeries {
 public:
  void add(std::int64_t bin, const LagSample& sample) {
    Point& point = points_.emplace(bin, Point{sample.time, -1}).first->second;
    if (sample.reachable && sample.lag_ms > point.lag_ms) point = {sample.time, sample.lag_ms};
    longest_ = std::max(longest_, point.lag_ms);
  }
  double longest() const { return longest_; }

  Json json(const std::string& node, const PageTimes& times) const {
    Json points = Json::array();
    for (const auto& [bin, point] : points_) {
      points.push_back(
          {{"x", times.ms(point.time)}, {"y", point.lag_ms < 0 ? Json(nullptr) : Json(thousandths(point.lag_ms))}});
    }
    return {{"node", visible_text(node, name_bytes)}, {"points", std::move(points)}};
  }

 private:
  struct Point {
    Nanoseconds time = 0;
    double lag_ms = -1;  // of no answer
  };
  std::map<std::int64_t, Point> points_;
  double longest_ = -1;
};

/// Sorts in samples that were taken not too long before or after the operations.
std::map<std::string, NodeSeries> lag_by_node(const History& history, const Timeline& timeline) {
  constexpr std::int64_t beyond = Timeline::most_bins / 4;
  const auto bins = static_cast<std::int64_t>(timeline.bins.size());
  std::map<std::string, NodeSeries> nodes;
  for (const LagSample& sample : history.lags) {
    const double place = std::floor((static_cast<double>(sample.time) - static_cast<double>(timeline.begin)) /
                                    static_cast<double>(timeline.width));
    if (place < static_cast<double>(-beyond) || place >= static_cast<double>(bins + beyond)) continue;
    // Before its first answer a node was not measured: it may just not have been sent a beat.
    if (!sample.reachable && !nodes.contains(sample.node)) continue;
    nodes[sample.node].add(static_cast<std::int64_t>(place), sample);
  }
  return nodes;
}

/// Those that lagged most, by name.
void write_lag(Json& series, const History& history, const Timeline& timeline, const PageTimes& times) {
  const std::map<std::string, NodeSeries> nodes = lag_by_node(history, timeline);
  std::vector<std::map<std::string, NodeSeries>::const_iterator> shown;
  for (auto node = nodes.begin(); node != nodes.end(); ++node)
    shown.push_back(node);
  std::stable_sort(shown.begin(), shown.end(),
                   [](const auto& a, const auto& b) { return a->second.longest() > b->second.longest(); });
  if (shown.size() > most_lag_nodes) shown.resize(most_lag_nodes);
  std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) { return a->first < b->first; });
  series["lag"] = Json::array();
  for (const auto& node : shown)
    series["lag"].push_back(node->second.json(node->first, times));
  series["lag_nodes_left_out"] = nodes.size() - shown.size();
}

}  // namespace

Json page_series(const History& history, const Judgement& judgement, const RunSummary& summary,
                 const PageTimes& times) {
  const Timeline& timeline = summary.timeline;
  if (!times.measured() || timeline.bins.empty()) return nullptr;
  Json series{{"from_ms", times.ms(timeline.begin)},
              {"width_ms", static_cast<double>(timeline.width) / nanoseconds_a_millisecond}};
  const auto outcomes = [&](const char* name, std::uint64_t Outcomes::*figure) {
    series[name] = column(
        timeline, [&](const TimelineBin& bin) {
          return bin.reads.outcomes.*figure + bin.writes.outcomes.*figure + bin.final_check.*figure;
        });
  };
  outcomes("ok", &Outcomes::ok);
  outcomes("fail", &Outcomes::fail);
  outcomes("info", &Outcomes::info);
  const auto calls = [&](const std::string& all, const std::string& one, TimelineCalls TimelineBin::*which) {
    series[all] = column(timeline, [&](const TimelineBin& bin) { return (bin.*which).outcomes.all(); });
    series[one + "_p50"] = column(
        timeline, [&](const TimelineBin& bin) { return latency((bin.*which).latency_ms, &Distribution::median); });
    series[one + "_p99"] =
        column(timeline, [&](const TimelineBin& bin) { return latency((bin.*which).latency_ms, &Distribution::p99); });
  };
  calls("reads", "read", &TimelineBin::reads);
  calls("writes", "write", &TimelineBin::writes);
  series["final_check"] = nullptr;
  if (const auto& check = timeline.final_check) {
    series["final_check"] = {
        {"from_ms", times.ms(check->begin)},
        {"to_ms", times.ms(check->end)},
        {"reads", column(timeline, [](const TimelineBin& bin) { return bin.final_check.all(); })}};
  }
  series["violations"] = violations_over_time(history, judgement, timeline);
  write_lag(series, history, timeline, times);
  return series;
}

Json page_faults(const Judgement& judgement, const PageTimes& times) {
  Json list = Json::array();
  std::size_t bytes = 0;
  for (const FaultEpisode& episode : judgement.faults) {
    if (list.size() == most_faults || bytes > most_fault_bytes) break;
    list.push_back({{"episode", visible_text(episode.episode, name_bytes)},
                    {"fault", visible_text(episode.fault, name_bytes)},
                    {"words", fault_in_words(episode)},
                    {"from_ms", times.ms(episode.start)},
                    {"to_ms", times.ms(episode.end)},
                    {"effect", effect_in_words(episode)},
                    {"bit", episode.bit}});
    bytes += embedded(list.back()).size();
  }
  return list;
}

}  // namespace afterwrite
