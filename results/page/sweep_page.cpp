#include "results/page/sweep_page.hpp"

#include <array>

#include "results/page/embedded_json.hpp"
#include "results/page/page_frame.hpp"
#include "results/sweep_report.hpp"

namespace afterwrite {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t cells_bytes = 1'000'000;
constexpr std::size_t rest_bytes = 300'000;

/// As a cell of its page is: without what no reader looks for here.
Json page_cell(const Json& cell) {
  Json kept = shortened(cell, {.string_bytes = 300, .elements = 40, .depth = 5});
  kept.erase("lag");
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
  data["cells"] = std::move(cells);
  return {{"sweep", std::move(data)}};
}

std::string sweep_page(const Json& sweep) {
  return page_around(sweep_page_data(sweep));
}

}  // namespace afterwrite
