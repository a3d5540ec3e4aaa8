#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "harness/session/workload.hpp"

namespace afterwrite::workloads {

/// The board on which writers post what they just wrote, so that observers read where something is going on. It knows
/// no clock: fresh is what was written in the `fresh_for` before the newest post. One object serves all sessions: any
/// thread may call.
class FreshKeys {
 public:
  static constexpr Duration fresh_for = std::chrono::seconds(4);
  static constexpr std::size_t kept_posts = 64;

  /// `written`: when the write completed.
  void post(const std::string& key, Nanoseconds written);

  /// A fresh key, recent ones preferred; nothing if none was posted yet.
  std::optional<std::string> pick(Random& random) const;

 private:
  struct Post {
    std::string key;
    Nanoseconds written = 0;
  };
  const Post& newest(std::size_t age) const { return posts_[(count_ - 1 - age) % kept_posts]; }

  mutable std::mutex mutex_;
  std::array<Post, kept_posts> posts_;  ///< a ring: post number n lies at n % kept_posts
  std::size_t count_ = 0;               ///< posts so far
};

}  // namespace afterwrite::workloads
