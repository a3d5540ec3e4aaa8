#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace afterwrite {

/// A sweep.json, whole or with cells that are missing or broke, as one HTML page that needs nothing else: the trade-off
/// drawn, and the table. Less than 2 MB whatever is in it. Any thread may call.
std::string sweep_page(const nlohmann::ordered_json& sweep);

/// What it shows, as `sweep`: the members of sweep.json made visible and shortened, with as many cells as there is room
/// for, `cells_in_all`, the names of the `rows` that are shown, and the `notes` of sweep_notes().
nlohmann::ordered_json sweep_page_data(const nlohmann::ordered_json& sweep);

}  // namespace afterwrite
