#include "adapters/http/position.hpp"

#include <algorithm>
#include <string_view>

namespace afterwrite::http {
namespace {

/// The digits without leading zeros; nothing if it is no whole number.
std::optional<std::string_view> digits(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  return text;
}

}  // namespace

std::optional<bool> position_at_least(const std::string& a, const std::string& b) {
  const auto first = digits(a);
  const auto second = digits(b);
  if (!first || !second) return std::nullopt;
  return first->size() != second->size() ? first->size() > second->size() : *first >= *second;
}

void CarriedPosition::learn(const std::string& position, bool written) {
  if (position.empty()) return;
  if (written) last_write_ = position;
  const auto farther = carried_.empty() ? std::optional(true) : position_at_least(position, carried_);
  if (!farther)
    carried_ = last_write_.empty() ? position : last_write_;
  else if (*farther)
    carried_ = position;
}

}  // namespace afterwrite::http
