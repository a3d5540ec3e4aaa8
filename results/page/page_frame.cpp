#include "results/page/page_frame.hpp"

#include <string_view>

#include "results/page/embedded_json.hpp"
#include "results/page/page_text.hpp"

namespace afterwrite {

std::string page_around(const nlohmann::ordered_json& data) {
  std::string page;
  for (const std::string_view part : page_text_before_data())
    page += part;
  page += embedded(data);
  for (const std::string_view part : page_text_after_data())
    page += part;
  return page;
}

}  // namespace afterwrite
