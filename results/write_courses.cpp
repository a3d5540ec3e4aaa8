#include "results/write_courses.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <tuple>
#include <utility>

#include "checkers/own_reads.hpp"
#include "harness/history/text.hpp"
#include "results/quantities.hpp"

namespace afterwrite {
namespace {

using Labels = std::map<std::string, std::string>;

constexpr double nanoseconds_a_millisecond = 1e6;
constexpr std::size_t most_groups_told = 60;

double milliseconds(Nanoseconds time) {
  return static_cast<double>(time) / nanoseconds_a_millisecond;
}

/// Which rows are about which reads.
class Groups {
 public:
  explicit Groups(const Judgement& judgement) : names_(judgement.grouped_by) {
    for (const Row& row : judgement.rows) {
      if (!row.labels.empty()) rows_.emplace(row.labels, &row);
    }
  }

  /// Null if no row is.
  const Row* of(const Operation& operation) const {
    Labels labels;
    for (const std::string& name : names_) {
      const auto found = operation.labels.find(name);
      labels[name] = found == operation.labels.end() ? "" : found->second;
    }
    const auto found = rows_.find(labels);
    return found == rows_.end() ? nullptr : found->second;
  }
  bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::string> names_;
  std::map<Labels, const Row*> rows_;
};

/// Says of each read what it saw, and returns the phases that follow from it.
std::vector<Phase> run_through(Course& course, const History& history) {
  std::stable_sort(course.reads.begin(), course.reads.end(), [&](const CourseRead& a, const CourseRead& b) {
    return history.operations[a.operation].invoke < history.operations[b.operation].invoke;
  });
  std::vector<Phase> phases;
  bool seen = false;
  for (CourseRead& read : course.reads) {
    seen = seen || read.saw == Phase::fresh;
    if (seen && read.saw == Phase::stale) read.saw = Phase::gone;
    if (phases.empty() || phases.back() != read.saw) phases.push_back(read.saw);
  }
  return phases;
}

std::string phases_text(const std::vector<Phase>& phases) {
  std::string text;
  for (const Phase phase : phases)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(phase));
  return text;
}

bool loses(const CourseKind& kind) {
  return std::find(kind.phases.begin(), kind.phases.end(), Phase::gone) != kind.phases.end();
}

// `fresh, gone, fresh x 2 (e.g. after 3.1 ms, 52 ms, 320 ms)`: the first read of each phase.
std::string kind_text(const CourseKind& kind) {
  std::string times;
  const std::vector<CourseRead>& reads = kind.example.reads;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    if (i > 0 && reads[i].saw == reads[i - 1].saw) continue;
    times += fmt::format("{}{}", times.empty() ? "" : ", ", milliseconds_text(milliseconds(reads[i].after)));
  }
  return fmt::format("{} x {} (e.g. from {})", phases_text(kind.phases), kind.writes, times);
}

}  // namespace

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::fresh:
      return "fresh";
    case Phase::stale:
      return "stale";
    case Phase::gone:
      return "gone";
  }
  return "";
}

CourseFindings write_courses(const History& history, const Question& question, const Judgement& judgement) {
  const Groups groups(judgement);
  if (groups.empty()) return {{}, "reads are not told apart by labels"};
  if (times_of(history.header) != Times::measured) return {{}, "the history has no measured times"};
  const auto own_reads = find_own_reads(history, question, judgement);
  if (!own_reads) {
    return {
        {},
        "read-your-writes was not asked for by session; `afterwrite report RUN --guarantee read-your-writes --scope "
        "session --out FOLDER` tells them"};
  }
  std::map<std::pair<std::string, std::size_t>, Course> courses;
  std::map<std::string, Labels> labels;
  for (const OwnRead& own : *own_reads) {
    const Row* row = groups.of(history.operations[own.operation]);
    if (row == nullptr) continue;
    labels[row->group] = row->labels;
    Course& course = courses[{row->group, own.write}];
    course.write = own.write;
    course.reads.push_back({own.operation, own.delay, own.stale ? Phase::stale : Phase::fresh});
  }
  std::map<std::pair<std::string, std::vector<Phase>>, CourseKind> kinds;
  for (auto& [of, course] : courses) {
    if (course.reads.size() < 2) continue;
    const std::vector<Phase> phases = run_through(course, history);
    CourseKind& kind = kinds[{of.first, phases}];
    kind.group = of.first;
    kind.labels = labels[of.first];
    kind.phases = phases;
    ++kind.writes;
    if (course.reads.size() > kind.example.reads.size()) kind.example = std::move(course);
  }
  std::vector<CourseKind> all;
  for (auto& [of, kind] : kinds)
    all.push_back(std::move(kind));
  std::stable_sort(all.begin(), all.end(), [](const CourseKind& a, const CourseKind& b) {
    return std::tie(a.group, b.writes) < std::tie(b.group, a.writes);
  });
  if (all.empty()) return {{}, "no session is known to have read a write of its own twice in one group"};
  return {std::move(all), {}};
}

nlohmann::ordered_json courses_json(const History& history, const std::vector<CourseKind>& courses) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const CourseKind& kind : courses) {
    Json labels = Json::object();
    for (const auto& [label, value] : kind.labels)
      labels[valid_utf8(label)] = valid_utf8(value);
    Json phases = Json::array();
    for (const Phase phase : kind.phases)
      phases.push_back(to_string(phase));
    const Operation& write = history.operations[kind.example.write];
    Json reads = Json::array();
    for (const CourseRead& read : kind.example.reads) {
      reads.push_back({{"after_ms", milliseconds(read.after)},
                       {"saw", to_string(read.saw)},
                       {"line", history.operations[read.operation].line}});
    }
    list.push_back({{"group", valid_utf8(kind.group)},
                    {"labels", std::move(labels)},
                    {"phases", std::move(phases)},
                    {"writes", kind.writes},
                    {"example",
                     {{"session", valid_utf8(write.session)},
                      {"key", valid_utf8(write.key)},
                      {"line", write.line},
                      {"reads", std::move(reads)}}}});
  }
  return list;
}

void write_courses_text(TextLayout& out, const std::vector<CourseKind>& courses, const std::string& why_none) {
  std::map<std::string, std::string> all;  // groups, with all their courses
  std::set<std::string> losing;
  for (const CourseKind& kind : courses) {
    std::string& text = all[kind.group];
    text += fmt::format("{}{}", text.empty() ? "" : "; ", kind_text(kind));
    if (loses(kind)) losing.insert(kind.group);
  }
  out.heading("How a write looked to its own session over time (gone: it had been seen, and then was not)");
  if (all.empty()) {
    out.item("  ", "not told: " + why_none);
    return;
  }
  if (losing.empty()) out.item("  ", fmt::format("gone in none of {}", counted(all.size(), "group")));
  std::size_t left_out = losing.size();
  for (const std::string& group : losing) {
    if (losing.size() - left_out == most_groups_told) break;
    --left_out;
    out.item("  ", fmt::format("{}: {}", visible_text(group), all[group]));
  }
  if (left_out > 0) out.item("  ", fmt::format("and {} more in the report", counted(left_out, "group")));
}

}  // namespace afterwrite
