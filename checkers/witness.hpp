#pragma once

#include <utility>
#include <vector>

#include "checkers/register_walk.hpp"

namespace afterwrite {

/// Looks for a path of one edge: a stale read that one fact or assumption shows is by far the most frequent kind, and always a
/// shortest witness. Fills in `path` and `owed` and returns true if there is one.
bool direct_path(const RegisterSubject& subject, Breach& breach);

/// How much it takes to see a breach: assumptions, then edges.
std::pair<std::size_t, std::size_t> weight(const Breach& breach);

/// Where one breach needs realtime-writes, says of every edge that it follows from that, if it does: a writer's own order is part of
/// everyone's, so that writer-order need not be assumed as well.
void spare_writer_order(const RegisterSubject& subject, std::vector<Breach>& breaches);

/// The violation that `operation` is, with its evidence. Several breaches: one for each state that a null read may have met;
/// the one that takes most to see is shown, and all count for the operations and the assumptions.
Violation make_violation(const RegisterSubject& subject, Guarantees set, OperationIndex operation,
                         const std::vector<Breach>& breaches);

}  // namespace afterwrite
