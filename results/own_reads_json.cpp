#include "results/own_reads_json.hpp"

#include <utility>

#include "checkers/interval.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

Json curve_json(const OwnReadSummary& own) {
  Json points = Json::array();
  for (const CurvePoint& point : own.curve) {
    points.push_back({{"from_ms", point.from_ms},
                      {"to_ms", point.to_ms},
                      {"reads", point.reads},
                      {"stale", point.stale},
                      {"share", point.share},
                      {"low", point.low},
                      {"high", point.high}});
  }
  return {{"guarantee", "read-your-writes"},
          {"scope", "session"},
          {"confidence", confidence},
          {"leader_reads", own.leader_reads},
          {"points", std::move(points)}};
}

Json safe_window_json(const OwnReadSummary& own) {
  Json list = Json::array();
  for (const SafeWindow& window : own.safe) {
    Json json{{"share", window.share}, {"window_ms", window.window_ms ? Json(*window.window_ms) : Json(nullptr)}, {"reads", window.reads}};
    if (!window.window_ms) {
      json["fresh_from_ms"] = window.reads > 0 ? Json(window.fresh_from_ms) : Json(nullptr);
      json["needs_reads"] = window.needs_reads;
      json["about_minutes"] = nullptr;
      if (window.about_minutes) json["about_minutes"] = *window.about_minutes;
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json windows_in_use_json(const OwnReadSummary& own) {
  Json list = Json::array();
  for (const WindowInUse& window : own.in_use) {
    Json json{{"window_ms", window.window_ms},
              {"failed", nullptr},
              {"stale", window.stale},
              {"reads", window.reads},
              {"of_this_run", window.of_this_run}};
    if (window.reads > 0) json["failed"] = window.stale > 0;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

Json own_reads_json(const OwnReadSummary& own) {
  return {{"staleness_curve", curve_json(own)},
          {"safe_window", safe_window_json(own)},
          {"windows_in_use", windows_in_use_json(own)}};
}

}  // namespace afterwrite
