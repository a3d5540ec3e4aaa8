#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/etcd/members.hpp"

namespace afterwrite::etcd {

/// The statuses of those members that answer within `patience` each, asked one after the other over `gateways`. Members
/// that are new there are dialled directly.
std::map<std::string, Status> ask_statuses(const Members& members, std::map<std::string, Gateway>& gateways,
                                           Duration patience);

/// A thread that asks the members who leads, twenty times a second, and tells Members. While nobody knows a leader the
/// last one stays.
class LeaderWatch {
 public:
  /// `members` outlives it.
  explicit LeaderWatch(Members& members) : members_(members) {}
  LeaderWatch(const LeaderWatch&) = delete;
  LeaderWatch& operator=(const LeaderWatch&) = delete;
  ~LeaderWatch() { end(); }

  void begin();
  /// Also if it never began. At most as long as one member may take to answer.
  void end() noexcept;

 private:
  void watch(const std::stop_token& stop);

  Members& members_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace afterwrite::etcd
