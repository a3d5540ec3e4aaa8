#pragma once

#include <cstddef>

#include "harness/session/workload.hpp"
#include "workloads/fresh_keys.hpp"

namespace afterwrite::workloads {

/// How a session that only reads goes about it.
struct Observing {
  bool lists = false;
  bool paced = true;              ///< about 20 ms from read to read; false: as fast as the system answers
  double single_reads = 0.25;     ///< the share of keys that are read just once
  std::size_t shortest_stay = 3;  ///< else a key is read again and again, this often ...
  std::size_t longest_stay = 6;   ///< ... to this often, so that a hop to a follower that lags more shows
};

/// The life of an observer: reads fresh keys until the run is over. It waits while there are none.
void observe(Session& session, const FreshKeys& fresh, const Observing& observing);

}  // namespace afterwrite::workloads
