#include "results/page/sweep_page.hpp"

#include <string>
#include <vector>

#include "harness/history/text.hpp"
#include "results/page/embedded_json.hpp"
#include "results/page/page_frame.hpp"
#include "results/sweep_report.hpp"

namespace afterwrite {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t cells_bytes = 1'000'000;
constexpr std::size_t rest_bytes = 300'000;

constexpr std::size_t name_bytes = 300;  // the same for cells and for all of them, which are compared
constexpr std::size_t note_bytes = 1200;
constexpr std::size_t command_bytes = 4000;

/// Texts for people's eyes: what is escaped in them is not escaped again.
void show_once(Json& kept, const std::string& text, std::size_t limit) {
  kept = visible_command(text, limit);
}

void show_once(Json& kept, const std::vector<std::string>& texts, std::size_t limit) {
  for (std::size_t i = 0; i < kept.size(); ++i)
    show_once(kept[i], texts[i], limit);
}

/// As a cell of its page is: without what no reader looks for here.
Json page_cell(const Json& cell) {
  Json kept = shortened(cell, {.string_bytes = name_bytes, .elements = 40, .depth = 5});
  kept.erase("lag");
  if (!kept.contains("guarantees")) return kept;
  for (std::size_t row = 0; row < kept["guarantees"].size(); ++row)
    show_once(kept["guarantees"][row]["name"], cell.at("guarantees").at(row).at("name").get<std::string>(), name_bytes);
  return kept;
}

}  // namespace

Json sweep_page_data(const Json& sweep) {
  Json cells = Json::array();
  std::size_t bytes = 0;
  for (const Json& cell : sweep.at("cells")) {
    Json kept = page_cell(cell);
    bytes += embedded(kept).size();
    if (bytes > cells_bytes) break;
    cells.push_back(std::move(kept));
  }
  Json data = sweep;
  data.erase("cells");
  data["cells_in_all"] = sweep.at("cells").size();
  data["rows"] = sweep_row_names(sweep);
  data["notes"] = sweep_notes(sweep);
  data["again"] = sweep_again(sweep);
  data = bounded(data, rest_bytes);
  show_once(data["rows"], sweep_row_names(sweep), name_bytes);
  show_once(data["notes"], sweep_notes(sweep), note_bytes);
  show_once(data["again"], sweep_again(sweep), command_bytes);
  data["cells"] = std::move(cells);
  return {{"sweep", std::move(data)}};
}

std::string sweep_page(const Json& sweep) {
  return page_around(sweep_page_data(sweep));
}

}  // namespace afterwrite
