#include "results/page/page_groups.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/history/text.hpp"
#include "results/group_table.hpp"
#include "results/page/embedded_json.hpp"
#include "results/promises.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;
using Labels = std::map<std::string, std::string>;

constexpr std::size_t name_bytes = 60;
constexpr double nanoseconds_a_millisecond = 1e6;

std::string name(std::string_view text) {
  return visible_text(text, name_bytes);
}

/// The values in the order in which the labels were asked for.
Json values_of(const Labels& labels, const std::vector<std::string>& grouped_by) {
  Json values = Json::array();
  for (const std::string& label : grouped_by) {
    const auto found = labels.find(label);
    values.push_back(found == labels.end() ? "" : name(found->second));
  }
  return values;
}

/// `lag admitted x 5, refused x 1`.
std::string told_by(const History& history, const Row& row) {
  std::string text;
  for (const auto& [evidence, count] : evidence_of(history, row))
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", name(evidence), count);
  return shortened_text(text, 4 * name_bytes);
}

/// Takes what there is room for.
class Listed {
 public:
  explicit Listed(std::size_t room) : room_(room) {}

  bool take(const Json& json) {
    bytes_ += embedded(json).size() + 1;
    return bytes_ <= room_;
  }

 private:
  std::size_t room_;
  std::size_t bytes_ = 0;
};

struct Tables {
  Json titles = Json::array();

  std::size_t number_of(const Row& row) {
    std::string title = to_string(row.guarantees);
    if (row.scope != Scope::session) title += fmt::format(" per {}", to_string(row.scope));
    const auto known = std::find(titles.begin(), titles.end(), title);
    const auto number = static_cast<std::size_t>(std::distance(titles.begin(), known));
    if (known == titles.end()) titles.push_back(std::move(title));
    return number;
  }
};

void add_rows(Json& groups, const History& history, const Judgement& judgement, std::size_t room) {
  const Promises promises(history, judgement);
  std::vector<const Row*> rows;
  for (const Row& row : judgement.rows) {
    if (!row.labels.empty() && !repeats_another(row, judgement)) rows.push_back(&row);
  }
  std::stable_partition(rows.begin(), rows.end(), [](const Row* row) { return row->verdict == Verdict::violated; });
  Tables tables;
  Listed listed(room);
  std::vector<std::pair<const Row*, Json>> kept;
  for (const Row* row : rows) {
    const std::optional<bool> promised = promises.of(*row);
    Json json{{"table", tables.number_of(*row)},
              {"labels", values_of(row->labels, judgement.grouped_by)},
              {"verdict", to_string(row->verdict)},
              {"broken", row->broken},
              {"at_risk", row->at_risk},
              {"promised", promised ? Json(*promised) : Json(nullptr)},
              {"told", told_by(history, *row)},
              {"entry", row->entries.empty() ? Json(nullptr) : Json(row->entries.front().number)}};
    if (!listed.take(json)) break;
    kept.emplace_back(row, std::move(json));
  }
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  groups["tables"] = std::move(tables.titles);
  groups["rows"] = Json::array();
  groups["rows_left_out"] = rows.size() - kept.size();
  for (auto& [row, json] : kept)
    groups["rows"].push_back(std::move(json));
}

Json reads_of(const Course& course, std::size_t most) {
  Json reads = Json::array();
  for (const CourseRead& read : course.reads) {
    if (reads.size() == most) break;
    reads.push_back({static_cast<double>(read.after) / nanoseconds_a_millisecond, to_string(read.saw)});
  }
  return reads;
}

/// Those first in which a write was gone, then those in which it was stale.
void add_courses(Json& groups, const Judgement& judgement, const std::vector<CourseKind>& courses,
                 const GroupRoom& room) {
  const auto saw = [](const CourseKind& kind, Phase phase) {
    return std::find(kind.phases.begin(), kind.phases.end(), phase) != kind.phases.end();
  };
  std::vector<const CourseKind*> order;
  for (const CourseKind& kind : courses)
    order.push_back(&kind);
  std::stable_sort(order.begin(), order.end(), [&](const CourseKind* a, const CourseKind* b) {
    const auto weight = [&](const CourseKind* kind) {
      return saw(*kind, Phase::gone) ? 0 : saw(*kind, Phase::stale) ? 1 : 2;
    };
    return weight(a) < weight(b);
  });
  Listed listed(room.course_bytes);
  Json list = Json::array();
  for (const CourseKind* kind : order) {
    Json phases = Json::array();
    for (const Phase phase : kind->phases)
      phases.push_back(to_string(phase));
    Json json{{"labels", values_of(kind->labels, judgement.grouped_by)},
              {"phases", std::move(phases)},
              {"writes", kind->writes},
              {"reads", reads_of(kind->example, room.course_reads)}};
    if (!listed.take(json)) break;
    list.push_back(std::move(json));
  }
  groups["courses_left_out"] = order.size() - list.size();
  groups["courses"] = std::move(list);
}

}  // namespace

Json page_groups(const History& history, const Judgement& judgement, const RunSummary& summary, const GroupRoom& room) {
  if (!is_tabular(judgement)) return nullptr;
  Json groups{{"labels", Json::array()}};
  for (const std::string& label : judgement.grouped_by)
    groups["labels"].push_back(name(label));
  add_rows(groups, history, judgement, room.row_bytes);
  add_courses(groups, judgement, summary.courses, room);
  if (summary.courses.empty()) groups["no_courses"] = summary.no_courses;
  return groups;
}

}  // namespace afterwrite
