#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace afterwrite::oracle {

/// Every total order of `things` things, one bit each, of which requirements strike out the wrong ones. What
/// is left says by enumeration, without any graph, whether requirements can hold together and what they prove.
/// Copying is cheap; the orders themselves are enumerated once a size and shared. Any thread may use its own.
class TotalOrders {
 public:
  static constexpr std::size_t max_things = 8;

  /// All `things`! orders are possible. Throws std::length_error above `max_things`.
  explicit TotalOrders(std::size_t things);

  /// Only the orders in which `older` stands before `newer` remain; none does if they are the same thing.
  void require(std::size_t older, std::size_t newer);

  /// Whether any order remains.
  bool possible() const;

  /// Whether `older` stands before `newer` in every remaining order, of which there must be one.
  bool proves(std::size_t older, std::size_t newer) const;

 private:
  std::size_t things_;
  std::vector<std::uint64_t> left_;  ///< bit i: the i-th order is still possible
};

}  // namespace afterwrite::oracle
