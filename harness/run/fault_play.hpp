#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/history/history.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite {

/// What a run gives to what plays its faults. Every member may be called from any thread between begin() and the
/// return of heal().
struct FaultStage {
  RunClock clock;
  std::function<void(FaultEvent)> record;
  /// When a beat was acknowledged; nothing if it never was.
  std::function<std::optional<Nanoseconds>(std::int64_t beat)> beat_acknowledged;
};

/// Plays the faults of one run.
class FaultPlay {
 public:
  FaultPlay() = default;
  FaultPlay(const FaultPlay&) = delete;
  FaultPlay& operator=(const FaultPlay&) = delete;
  virtual ~FaultPlay() = default;

  /// Begins to play; times count from now. What lasts the whole run is on when it returns. Once.
  virtual void begin(FaultStage stage) = 0;
  /// Ends the play and heals every fault. Harmless without begin(), and a second time.
  virtual void heal() noexcept = 0;
};

}  // namespace afterwrite
