#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace afterwrite::workloads {

/// `k1` for key 0.
std::string key_name(std::size_t key);

/// Names of keys that hold lists. A list that grew without bound would make every read slower and every history larger,
/// so after `longest_list` appends a key goes on under a new name: `k1`, `k1.2`, `k1.3` ... One object serves all
/// sessions: any thread may call.
class ListKeys {
 public:
  static constexpr std::uint64_t longest_list = 200;

  explicit ListKeys(std::size_t keys) : appends_(keys) {}

  std::size_t size() const { return appends_.size(); }

  /// What to append to at this moment.
  std::string name(std::size_t key) const;

  /// Call once for each append to the key, whatever its outcome (it may have happened).
  void count_append(std::size_t key) { appends_[key].fetch_add(1, std::memory_order_relaxed); }

 private:
  std::vector<std::atomic<std::uint64_t>> appends_;
};

}  // namespace afterwrite::workloads
