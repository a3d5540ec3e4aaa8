#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace afterwrite {

/// ` (did you mean 'any-replica'? known: leader, any-replica, ...)`: the end of every message about an unknown name. The
/// suggestion is left out when nothing known is near (edit distance above a third of the length).
std::string known_names_hint(std::string_view unknown, const std::vector<std::string>& known);

}  // namespace afterwrite
