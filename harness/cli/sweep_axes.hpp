#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace afterwrite {

/// One --over: a member of the scenario and the values it is to have.
struct SweepAxis {
  std::string name;
  std::vector<std::string> values;
};

/// `lag=0ms,500ms,2s`. Values are parted by commas, or by semicolons where there is one (`lag=100ms,300ms;1s,2s`).
/// `known` are the flags that may be named, with whether they take a number; `opt.NAME` and `fault` may be, too. Throws
/// UsageError that names those which exist.
SweepAxis parse_axis(const std::string& text, const std::map<std::string, bool>& known);

/// A value of each axis, in the order of the axes.
using SweepSettings = std::vector<std::pair<std::string, std::string>>;

/// Every combination, the last axis going round first. Throws UsageError for an axis named twice, none, or more cells
/// than anybody waits for.
std::vector<SweepSettings> all_settings(const std::vector<SweepAxis>& axes);

/// The settings as members of a scenario. `fault=none` is no fault.
nlohmann::json members_of(const SweepSettings& settings, const std::map<std::string, bool>& known);

/// `read-policy=leader, lag=500ms`.
std::string in_words(const SweepSettings& settings);

/// What was typed for a sweep, as an audit of one of its cells: without what speaks of the sweep, and with the cell's settings as flags.
/// `fault=none` is left out where a scenario says nothing of `faults` without it.
std::vector<std::string> as_audit(const std::vector<std::string>& sweep, const SweepSettings& settings, bool faults);

/// A name for the folder of the cell of this number: `03-leader-500ms`.
std::string folder_of(std::size_t number, const SweepSettings& settings);

}  // namespace afterwrite
