#include "workloads/workloads.hpp"

#include <algorithm>
#include <charconv>

#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"
#include "workloads/kinds.hpp"

namespace afterwrite {
namespace {

using workloads::Parameters;

struct Row {
  WorkloadKind kind;
  std::unique_ptr<Workload> (*make)(const Parameters&, const WorkloadSettings&);
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table{
      {{"register", "register[:observers=0.5]",
        "writers write their own keys and read each write back three times; observers read what others just wrote",
        false},
       workloads::make_register},
      {{"append", "append[:observers=0.5]", "the same with lists that are appended to", true}, workloads::make_append},
      {{"score", "score", "one writer a key, many readers who refresh: the cricket score", false},
       workloads::make_score},
      {{"bank", "bank",
        "customers who transfer money, look at the ledger, and transfer again if it seems not to have happened", true},
       workloads::make_bank},
      {{"views", "views",
        "for systems with views (feeds, profiles): every way to write, looked for in every view that can show it", false, true},
       workloads::make_views},
  };
  return table;
}

const Row& row_of(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  const auto row = std::find_if(rows().begin(), rows().end(), [&](const Row& r) { return r.kind.name == name; });
  if (row != rows().end()) return *row;

  std::vector<std::string> known;
  for (const Row& r : rows())
    known.emplace_back(r.kind.name);
  throw UsageError("unknown workload '" + std::string(name) + "'" + known_names_hint(name, known));
}

void validate(const WorkloadSettings& settings) {
  if (settings.keys == 0) throw UsageError("--keys: a workload needs at least 1 key");
  const auto [shortest, longest] = settings.read_delay;
  if (shortest > longest || shortest < Duration{0}) {
    throw UsageError("--read-delay: " + format_duration(shortest) + ".." + format_duration(longest) +
                     " is no range: write the shorter delay first, e.g. 1ms..2s");
  }
}

}  // namespace

const std::vector<WorkloadKind>& workload_kinds() {
  static const std::vector<WorkloadKind> kinds = [] {
    std::vector<WorkloadKind> all;
    for (const Row& row : rows())
      all.push_back(row.kind);
    return all;
  }();
  return kinds;
}

const WorkloadKind& workload_kind(std::string_view text) {
  return row_of(text).kind;
}

std::unique_ptr<Workload> make_workload(std::string_view text, const WorkloadSettings& settings) {
  const Row& row = row_of(text);
  validate(settings);
  Parameters parameters{.workload = text, .text = std::nullopt};
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) parameters.text = text.substr(colon + 1);
  return row.make(parameters, settings);
}

namespace workloads {

void expect_none(const Parameters& parameters) {
  if (!parameters.text) return;
  const std::string name(parameters.workload.substr(0, parameters.workload.find(':')));
  throw UsageError("workload '" + std::string(parameters.workload) + "': '" + name +
                   "' takes no parameters: write just " + name);
}

double observers_share(const Parameters& parameters) {
  if (!parameters.text) return 0.5;
  const std::string where = "workload '" + std::string(parameters.workload) + "'";
  const std::size_t equals = parameters.text->find('=');
  const std::string_view name = parameters.text->substr(0, equals);
  if (name != "observers") {
    throw UsageError(where + ": unknown parameter '" + std::string(name) + "'" + known_names_hint(name, {"observers"}));
  }
  const std::string_view text = equals == std::string_view::npos ? "" : parameters.text->substr(equals + 1);
  double share = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (!number || !(share >= 0 && share < 1)) {
    throw UsageError(where + ": observers=" + std::string(text) +
                     " is no share of the sessions: give a number from 0 to below 1, e.g. observers=0.5");
  }
  return share;
}

}  // namespace workloads
}  // namespace afterwrite
