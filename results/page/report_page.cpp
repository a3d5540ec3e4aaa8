#include "results/page/report_page.hpp"

#include "results/page/page_data.hpp"
#include "results/page/page_frame.hpp"

namespace afterwrite {

std::string report_page(const History& history, const Judgement& judgement, const RunSummary& summary) {
  return page_around(page_data(history, judgement, summary));
}

}  // namespace afterwrite
