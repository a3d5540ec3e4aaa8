#include "tests/checkers/total_orders.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>
#include <stdexcept>

namespace afterwrite::oracle {
namespace {

using Bits = std::vector<std::uint64_t>;

/// For each pair (a, b), at a * things + b: the orders in which a stands before b. At the end: all orders.
std::vector<Bits> enumerate(std::size_t things) {
  std::vector<std::size_t> order(things);
  std::iota(order.begin(), order.end(), 0U);
  std::vector<Bits> table(things * things + 1);
  std::size_t index = 0;
  do {
    if (index % 64 == 0) {
      for (Bits& bits : table) {
        bits.push_back(0);
      }
    }
    const std::uint64_t bit = 1ULL << (index % 64);
    for (std::size_t first = 0; first < things; ++first) {
      for (std::size_t second = first + 1; second < things; ++second) {
        table[order[first] * things + order[second]].back() |= bit;
      }
    }
    table.back().back() |= bit;
    ++index;
  } while (std::next_permutation(order.begin(), order.end()));
  return table;
}

const std::vector<Bits>& orders_of(std::size_t things) {
  static std::array<std::once_flag, TotalOrders::max_things + 1> once;
  static std::array<std::vector<Bits>, TotalOrders::max_things + 1> tables;
  std::call_once(once.at(things), [things] { tables.at(things) = enumerate(things); });
  return tables.at(things);
}

}  // namespace

TotalOrders::TotalOrders(std::size_t things) : things_(things) {
  if (things > max_things) {
    throw std::length_error("too many versions to enumerate their orders");
  }
  left_ = orders_of(things).back();
}

void TotalOrders::require(std::size_t older, std::size_t newer) {
  const Bits& before = orders_of(things_)[older * things_ + newer];
  for (std::size_t word = 0; word < left_.size(); ++word) {
    left_[word] &= before[word];
  }
}

bool TotalOrders::possible() const {
  return std::any_of(left_.begin(), left_.end(), [](std::uint64_t word) { return word != 0; });
}

bool TotalOrders::proves(std::size_t older, std::size_t newer) const {
  const Bits& before = orders_of(things_)[older * things_ + newer];
  for (std::size_t word = 0; word < left_.size(); ++word) {
    if ((left_[word] & ~before[word]) != 0) {
      return false;
    }
  }
  return possible();
}

}  // namespace afterwrite::oracle
