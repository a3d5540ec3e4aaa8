#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/history.hpp"

namespace afterwrite {

/// The label of sessions that read any replica beside the policy, and the name of their group.
inline constexpr std::string_view control_label = "control";

/// The operations that are judged together: all, those of one label's value (or one combination of several labels' values), or those of
/// the control sessions.
struct Group {
  std::string name;
  std::map<std::string, std::string> labels;  ///< what its reads bear; empty for all, and for the control sessions
  std::vector<bool> members;                  ///< by operation; empty: all
};

/// The labels that `group_by` names: `route` or `route,write`.
std::vector<std::string> group_labels(const std::string& group_by);

/// A group for each combination of the labels' values that an operation bears whole (`group_by` empty: one for all), and one for the control
/// sessions if there are any. A write that lacks labels belongs to every group that it does not contradict: whoever labels
/// reads alone judges each of their groups against all writes. A read that lacks one belongs to none.
std::vector<Group> make_groups(const History& history, const std::string& group_by);

}  // namespace afterwrite
