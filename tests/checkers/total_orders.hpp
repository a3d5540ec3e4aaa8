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

  /// A set of things, a bit each.
  using Things = std::uint32_t;

  /// All `things`! orders are possible. Throws std::length_error above `max_things`.
  explicit TotalOrders(std::size_t things);

  /// Only the orders in which `older` stands before `newer` remain; none does if they are the same thing.
  void require(std::size_t older, std::size_t newer);

  /// Only the orders in which all of `older` stand before `newer` remain, `newer` itself left out of them.
  void require_all(Things older, std::size_t newer);

  /// Whether any order remains.
  bool possible() const;

  /// Whether any order would remain after require_all().
  bool possible_with(Things older, std::size_t newer) const;

  /// Whether `older` stands before `newer` in every remaining order, of which there must be one.
  bool proves(std::size_t older, std::size_t newer) const;

 private:
  using Bits = std::vector<std::uint64_t>;
  /// Where the orders in which each of `older` stands before `newer` are listed.
  struct Lists;

  std::size_t things_;
  const std::vector<Bits>* orders_;  ///< shared: for each pair those orders in which the one stands before the other
  Bits left_;                        ///< bit i: the i-th order is still possible
};

}  // namespace afterwrite::oracle
