#include "results/page/report_page.hpp"

#include <string_view>

#include "results/page/embedded_json.hpp"
#include "results/page/page_data.hpp"
#include "results/page/page_text.hpp"

namespace afterwrite {

std::string report_page(const History& history, const Judgement& judgement, const RunSummary& summary) {
  std::string page;
  for (const std::string_view part : page_text_before_data())
    page += part;
  page += embedded(page_data(history, judgement, summary));
  for (const std::string_view part : page_text_after_data())
    page += part;
  return page;
}

}  // namespace afterwrite
