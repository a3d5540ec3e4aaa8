#include "checkers/groups.hpp"

#include <set>
#include <utility>

namespace afterwrite {

namespace {

bool is_control(const Operation& op) {
  const auto label = op.labels.find(std::string(control_label));
  return label != op.labels.end() && label->second == "true";
}

}  // namespace

std::vector<Group> make_groups(const History& history, const std::string& label) {
  const std::size_t count = history.operations.size();
  std::set<std::string> values;
  bool control = false;
  for (const Operation& op : history.operations) {
    if (is_control(op)) {
      control = true;
    } else if (const auto found = op.labels.find(label); !label.empty() && found != op.labels.end()) {
      values.insert(found->second);
    }
  }
  std::vector<Group> groups;
  const auto add = [&](const std::string& name, const auto& belongs) {
    Group group{name, std::vector<bool>(count)};
    for (std::size_t i = 0; i < count; ++i)
      group.members[i] = belongs(history.operations[i]);
    groups.push_back(std::move(group));
  };
  if (label.empty()) {
    if (control) {
      add("", [](const Operation& op) { return !is_control(op); });
    } else {
      groups.emplace_back();
    }
  }
  for (const std::string& value : values) {
    add(value, [&](const Operation& op) {
      const auto found = op.labels.find(label);
      return !is_control(op) && found != op.labels.end() && found->second == value;
    });
  }
  if (control) add(std::string(control_label), is_control);
  return groups;
}

}  // namespace afterwrite
