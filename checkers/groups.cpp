#include "checkers/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace afterwrite {

namespace {

using Values = std::vector<std::string>;

bool is_control(const Operation& op) {
  const auto label = op.labels.find(std::string(control_label));
  return label != op.labels.end() && label->second == "true";
}

/// The values of all labels; nothing if one is lacking.
std::optional<Values> values_of(const Operation& op, const std::vector<std::string>& labels) {
  Values values;
  for (const std::string& label : labels) {
    const auto found = op.labels.find(label);
    if (found == op.labels.end()) return std::nullopt;
    values.push_back(found->second);
  }
  return values;
}

bool contradicts(const Operation& op, const std::vector<std::string>& labels, const Values& values) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto found = op.labels.find(labels[i]);
    if (found != op.labels.end() && found->second != values[i]) return true;
  }
  return false;
}

/// Different combinations have different names.
std::string name_of(const Values& values) {
  if (values.size() == 1) return values.front();
  std::string name;
  for (const std::string& value : values) {
    const bool plain = value.find_first_of(",\"") == std::string::npos;
    name += (name.empty() ? "" : ", ") + (plain ? value : fmt::format("{:?}", value));
  }
  return name;
}

std::vector<Group> labelled_groups(const History& history, const std::vector<std::string>& labels) {
  const std::size_t count = history.operations.size();
  std::map<Values, Group> groups;
  for (std::size_t i = 0; i < count; ++i) {
    const Operation& op = history.operations[i];
    if (is_control(op)) continue;
    const std::optional<Values> values = values_of(op, labels);
    if (!values) continue;
    Group& group = groups[*values];
    if (group.members.empty()) {
      group.members.resize(count);
      group.name = name_of(*values);
      for (std::size_t k = 0; k < labels.size(); ++k) group.labels[labels[k]] = (*values)[k];
    }
    group.members[i] = true;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Operation& op = history.operations[i];
    if (!op.is_write() || is_control(op) || values_of(op, labels)) continue;
    for (auto& [values, group] : groups) {
      if (!contradicts(op, labels, values)) group.members[i] = true;
    }
  }
  std::vector<Group> all;
  for (auto& [values, group] : groups) all.push_back(std::move(group));
  return all;
}

}  // namespace

std::vector<std::string> group_labels(const std::string& group_by) {
  std::vector<std::string> labels;
  for (std::size_t begin = 0; begin < group_by.size();) {
    const std::size_t end = std::min(group_by.find(',', begin), group_by.size());
    labels.push_back(group_by.substr(begin, end - begin));
    begin = end + 1;
  }
  return labels;
}

std::vector<Group> make_groups(const History& history, const std::string& group_by) {
  const auto& operations = history.operations;
  const bool control = std::any_of(operations.begin(), operations.end(), is_control);
  std::vector<bool> of_control;
  for (const Operation& op : operations) of_control.push_back(control && is_control(op));
  std::vector<Group> groups;
  if (!group_by.empty()) {
    groups = labelled_groups(history, group_labels(group_by));
  } else if (control) {
    Group all;
    all.members = of_control;
    all.members.flip();
    groups.push_back(std::move(all));
  } else {
    groups.emplace_back();
  }
  if (control) groups.push_back({std::string(control_label), {}, std::move(of_control)});
  return groups;
}

}  // namespace afterwrite
