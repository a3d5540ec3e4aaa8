#pragma once

#include <string_view>

namespace afterwrite {

/// What we write into a Jepsen history for ourselves: an `:info` of no client, which Jepsen's programs pass over. Its
/// value is the header line of a history of ours.
inline constexpr std::string_view header_process = "afterwrite";

/// Field of that header: the recording was cut short.
inline constexpr const char* cut_short_field = "cut_short";

}  // namespace afterwrite
