#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/history/history.hpp"
#include "harness/session/clock.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite {

/// Under what each read was made: `none`; `held` or `delayed`, if what is replicated was (the faults `hold` and `lag` on
/// links that carry replication, and on no others); `other fault`, if anything else was on, or several of these. The
/// fault `none` is none. A read has a condition only if that was in force from before the last write of its key until
/// the answer; else it is `changing`. It is `changing`, too, from the moment in which a fault is about to begin until
/// it has, and from the moment in which it is about to end until the nodes show something that was written after.
/// Any thread may call any member.
class Conditions {
 public:
  explicit Conditions(RunClock clock) : clock_(clock) {}

  /// A fault of this kind is about to begin or to end.
  void turning(const std::string& fault);
  /// What the nemesis did, in order.
  void take(const FaultEvent& event);
  /// A node was asked, and the newest beat that it showed was acknowledged then. Without any sample the lag that a fault
  /// left behind cannot be waited for.
  void take(const LagSample& sample, std::optional<Nanoseconds> shown);

  Condition now() const;

  /// A session is about to write the key.
  void writing(const std::string& key, Nanoseconds invoke);
  /// For a read of the key whose answer has just come.
  std::string of_read(const std::string& key) const;

 private:
  void become(const std::string& name);
  std::string in_force() const;

  const RunClock clock_;
  mutable std::mutex mutex_;
  Condition now_;
  Nanoseconds since_ = 0;
  std::map<std::string, std::string> episodes_;  // in force -> the name of that condition
  bool wearing_off_ = false;
  Nanoseconds ended_ = 0;            // the last fault that wears off
  std::set<std::string> nodes_;      // that were sampled
  std::set<std::string> caught_up_;  // since `ended_`
  std::map<std::string, Nanoseconds> written_;
};

}  // namespace afterwrite
