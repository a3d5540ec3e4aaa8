#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace afterwrite {

/// The page that shows `data`: one HTML text that needs nothing else. Which page it is, that of a report or that of a
/// sweep, its script sees by the data (page_data.hpp, sweep_page.hpp). Every string must be valid UTF-8. Any thread may
/// call.
std::string page_around(const nlohmann::ordered_json& data);

}  // namespace afterwrite
