#pragma once

#include <vector>

#include "checkers/causal/order.hpp"
#include "checkers/causal/writes.hpp"

namespace afterwrite {

/// "The write `older` is older than the write `newer`": `older` lies causally behind the read, which saw `newer`. Of a
/// list: the read shows `older` before `newer`.
struct CausalArc {
  CausalInput::Index read = 0;
  CausalInput::Index older = 0;
  CausalInput::Index newer = 0;  ///< or the initial state
};

/// One step of the way that closes a circle of arcs.
struct CausalLink {
  enum class Kind { session_order, reads_from, arc };
  Kind kind = Kind::session_order;
  CausalInput::Index from = 0;  ///< a step
  CausalInput::Index to = 0;    ///< a step
  CausalInput::Index read = 0;  ///< if it reads from
  CausalArc arc;                ///< if it is one
};

/// A read that breaks causal consistency.
struct CausalBreach {
  enum class Kind {
    contradiction,  ///< what it saw follows from the read itself
    stale,          ///< it saw a state that is known to be older than what lies behind it: `newer` lies behind `older`
    missing,        ///< the list lacks `older`, which lies behind it
    circle,         ///< its arc closes a circle with others
  };
  Kind kind = Kind::contradiction;
  CausalArc arc;                 ///< `read` is the read that breaks it
  std::vector<CausalLink> way;   ///< of a circle: from the step of `newer` to the step of `older`
  std::vector<CausalArc> alike;  ///< stale: other arcs that would do as well, a few
  /// Nothing was there, and deletes lie behind: the last of each track, each with a later write that lies behind the
  /// read.
  std::vector<CausalArc> overwritten;
};

struct CausalFindings {
  std::vector<CausalBreach> breaches;    ///< in order of the reads, one each
  std::vector<CausalInput::Index> owed;  ///< by read: a write of its key behind its owner's earlier steps; or none
};

/// Finds the reads that break causal consistency: where "T2 writes x, T2 lies behind T3, T3 reads x from T1, so T2 is
/// older than T1" closes a circle with what lies behind what (docs/guarantees.md, "Causal"). They are judged in order;
/// the arcs of one that closes a circle are left out. Near-linear for a bounded number of lanes: arcs that agree with
/// the sequence close no circle by themselves, and only between the ends of those that do not is anything built.
CausalFindings find_causal_breaches(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes);

}  // namespace afterwrite
