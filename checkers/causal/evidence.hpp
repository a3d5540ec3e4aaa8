#pragma once

#include <vector>

#include "checkers/causal/input.hpp"
#include "checkers/judgement.hpp"

namespace afterwrite {

/// What shows one breach of causal consistency, by the numbers of operations alone: enough to look them up, whichever
/// of them are at hand while it is searched for.
struct CausalEvidence {
  using Index = CausalInput::Index;

  /// As afterwrite::Edge; the values are those of `older` (none: of the initial state) and `newer`.
  struct Link {
    EdgeKind kind = EdgeKind::initial;
    Index older = CausalInput::none;
    Index newer = 0;
    std::vector<Index> operations;
  };

  Index read = 0;                  ///< broke it
  Index owed = CausalInput::none;  ///< should have been shown; none: what was read follows from the read
  std::vector<Link> circle;

  /// Calls `take(operation)` for each that is named, some of them several times; it may change the number.
  template <typename Take>
  void for_each_operation(const Take& take) {
    take(read);
    if (owed != CausalInput::none) take(owed);
    for (Link& link : circle) {
      if (link.older != CausalInput::none) take(link.older);
      take(link.newer);
      for (Index& operation : link.operations)
        take(operation);
    }
  }
};

}  // namespace afterwrite
