#pragma once

#include <string>

#include "tests/results/made_up_parts.hpp"

namespace afterwrite {

/// A history and what was found in it, both made up by hand: reports are tested apart from checkers.
struct MadeUp {
  History history;
  Judgement judgement;
};

/// any-replica under lag: read-your-writes and monotonic-reads violated, the two jointly by their members, a control
/// row.
MadeUp any_replica_violated();
/// version-token: held, with waits and fall-backs.
MadeUp version_token_held();
/// Too few at risk, a fault that did not bite, anomalies, cut short, a dropped assumption, a bank, nodes that never
/// answered.
MadeUp everything_in_doubt();
/// Lists, a cycle of three edges under assumptions, a lost write at failover, one judged per user.
MadeUp lists_and_failover();
/// A history of another program: no header, no samples, nothing that can be said.
MadeUp foreign_and_quiet();
/// `text` wherever a text can stand.
MadeUp full_of(const std::string& text);

}  // namespace afterwrite
