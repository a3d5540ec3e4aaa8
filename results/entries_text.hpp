#pragma once

#include <cstddef>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {

/// Tells the first `most` violations of a judgement, each as a story under the number of its entry, those of control
/// sessions last; and how many more there are.
void write_entries(TextLayout& out, const History& history, const Judgement& judgement, std::size_t most);

}  // namespace afterwrite
