#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/history/history.hpp"

namespace afterwrite {

/// The label of sessions that read any replica beside the policy, and the name of their group.
inline constexpr std::string_view control_label = "control";

/// The operations that are judged together: all, those of one label's value, or those of the control sessions.
struct Group {
  std::string name;
  std::vector<bool> members;  ///< by operation; empty: all
};

/// A group for each value of `label` (empty: one for all), and one for the control sessions if there are any.
std::vector<Group> make_groups(const History& history, const std::string& label);

}  // namespace afterwrite
