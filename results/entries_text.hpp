#pragma once

#include <cstddef>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/repeating.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {

/// Tells the first `most` violations of a judgement, each as a story under the number of its entry, those of control
/// sessions last; and how many more there are, with the commands that lead to them. `given`: what was asked by flags.
void write_entries(TextLayout& out, const History& history, const Judgement& judgement, const GivenFlags& given,
                   std::size_t most);

}  // namespace afterwrite
