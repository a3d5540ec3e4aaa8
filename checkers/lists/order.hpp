#pragma once

#include "checkers/lists/key.hpp"

namespace afterwrite {

/// Looks for one order of the elements that all lists of the key agree with. Where there is none, each read that
/// contradicts those before it is the anomaly `incompatible-order`, and `list.contested` says which elements the
/// contradictions may be about. Linear in the length of all lists, unless they contradict each other.
void compare_orders(const History& history, const KeyHistory& key, ListKey& list, Anomalies& anomalies);

}  // namespace afterwrite
