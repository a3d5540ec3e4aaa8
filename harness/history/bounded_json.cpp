#include "harness/history/bounded_json.hpp"

#include <fmt/format.h>
#include <set>
#include <vector>

#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::json;

/// Ends the parsing where it stands.
struct Refusal {
  std::string why;
};

}  // namespace

BoundedJson parse_bounded_json(std::string_view text, RepeatedMembers repeated) {
  std::vector<std::set<std::string>> names;  // of the objects that are open
  const auto look = [&](int depth, Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) &&
        static_cast<std::size_t>(depth) >= deepest_json)
      throw Refusal{fmt::format("is nested more than {} deep", deepest_json)};
    if (repeated == RepeatedMembers::last_counts) return true;
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end) names.pop_back();
    if (event == Event::key && !names.back().insert(parsed.get_ref<const std::string&>()).second)
      throw Refusal{fmt::format("has the member '{}' twice", shortened_text(parsed.get_ref<const std::string&>()))};
    return true;
  };
  try {
    return {Json::parse(text, look, /*allow_exceptions=*/false), {}};
  } catch (const Refusal& refusal) {
    return {Json(Json::value_t::discarded), refusal.why};
  }
}

}  // namespace afterwrite
