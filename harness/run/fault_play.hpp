#pragma once

#include <thread>

#include "harness/faults/nemesis.hpp"
#include "harness/run/run_control.hpp"

namespace afterwrite {

/// Plays a nemesis's schedule on a thread of its own, and heals on every path out. One thread uses it; it refers to
/// both.
class FaultPlay {
 public:
  FaultPlay(Nemesis& nemesis, RunControl& control) : nemesis_(nemesis), control_(control) {}
  FaultPlay(const FaultPlay&) = delete;
  FaultPlay& operator=(const FaultPlay&) = delete;
  /// Heals.
  ~FaultPlay() { heal(); }

  /// Begins; what lasts the whole run is in force on return. Throws what Nemesis::begin_whole_run throws. Once.
  void begin();

  /// Ends the play and heals every fault. Harmless without begin(), and again.
  void heal() noexcept;

 private:
  void play(const std::stop_token& stop) noexcept;

  Nemesis& nemesis_;
  RunControl& control_;
  std::jthread thread_;
};

}  // namespace afterwrite
