#pragma once

#include <span>
#include <string_view>

namespace afterwrite {

/// The page as results/page/embed_page.cmake put it together when this was built, in pieces: what stands before the
/// data, and what stands after. Any thread may call.
std::span<const std::string_view> page_text_before_data();
std::span<const std::string_view> page_text_after_data();

}  // namespace afterwrite
