#pragma once

#include <optional>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// Counts the intents (`intent` of appends, with the label `amount`) that were carried out more than once: acknowledged, or seen in a list
/// later. One whose repetition followed an unknown outcome is told apart: no guarantee promises anything there. Nothing
/// if no operation bears an intent.
std::optional<BankSummary> count_intents(const History& history);

}  // namespace afterwrite
