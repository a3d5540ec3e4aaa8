#pragma once

#include <functional>
#include <random>

#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// How a random history of several keys comes about.
enum class Spread {
  causal,  ///< replicas hand on all that they have, in one order: mostly causally consistent
  mixed,   ///< replicas hand on what they like: often not
  chaos,   ///< any read may return anything
};

/// Up to fourteen operations of up to four sessions on up to three keys at up to three replicas: registers with
/// deletes, and lists; unknown and failed outcomes, transactions, overlapping operations, lag samples, ties. In order
/// of completion. The same generator state gives the same history on every platform.
History random_causal_history(std::mt19937_64& random, Spread spread);

/// A smaller history, with operations left out one by one, that `fails` still holds for.
History shrink(History history, const std::function<bool(const History&)>& fails);

}  // namespace afterwrite::oracle
