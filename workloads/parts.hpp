#pragma once

#include <cstddef>
#include <vector>

namespace afterwrite::workloads {

/// How many of `count` sessions write when the given share only reads: rounded, but always at least one.
std::size_t writers_of(std::size_t count, double observers_share);

/// The keys (0 .. keys-1) of writer `ordinal` out of `writers`, dealt round-robin so that each key has one writer;
/// where there are more writers than keys, several share one. Writers are the first sessions, so that observers too are
/// dealt to all followers.
std::vector<std::size_t> keys_of(std::size_t ordinal, std::size_t writers, std::size_t keys);

}  // namespace afterwrite::workloads
