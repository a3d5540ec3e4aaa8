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

struct TotalOrders::Lists {
  Lists(const std::vector<Bits>& orders, std::size_t things, Things older, std::size_t newer) {
    for (std::size_t one = 0; one < things; ++one) {
      if ((older >> one & 1U) != 0 && one != newer) {
        lists[count++] = orders[one * things + newer].data();
      }
    }
  }

  std::uint64_t common(std::size_t word) const {
    std::uint64_t bits = ~std::uint64_t{0};
    for (std::size_t i = 0; i < count; ++i) {
      bits &= lists[i][word];
    }
    return bits;
  }

  std::array<const std::uint64_t*, max_things> lists{};
  std::size_t count = 0;
};

TotalOrders::TotalOrders(std::size_t things) : things_(things) {
  if (things > max_things) {
    throw std::length_error("too many versions to enumerate their orders");
  }
  orders_ = &orders_of(things);
  left_ = orders_->back();
}

void TotalOrders::require(std::size_t older, std::size_t newer) {
  const Bits& before = (*orders_)[older * things_ + newer];
  for (std::size_t word = 0; word < left_.size(); ++word) {
    left_[word] &= before[word];
  }
}

void TotalOrders::require_all(Things older, std::size_t newer) {
  const Lists lists(*orders_, things_, older, newer);
  for (std::size_t word = 0; lists.count > 0 && word < left_.size(); ++word) {
    left_[word] &= lists.common(word);
  }
}

bool TotalOrders::possible() const {
  return std::any_of(left_.begin(), left_.end(), [](std::uint64_t word) { return word != 0; });
}

bool TotalOrders::possible_with(Things older, std::size_t newer) const {
  const Lists lists(*orders_, things_, older, newer);
  for (std::size_t word = 0; word < left_.size(); ++word) {
    if ((left_[word] & lists.common(word)) != 0) {
      return true;
    }
  }
  return false;
}

bool TotalOrders::proves(std::size_t older, std::size_t newer) const {
  const Bits& before = (*orders_)[older * things_ + newer];
  for (std::size_t word = 0; word < left_.size(); ++word) {
    if ((left_[word] & ~before[word]) != 0) {
      return false;
    }
  }
  return possible();
}

}  // namespace afterwrite::oracle
