#include "checkers/sieve/block_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <vector>

namespace afterwrite {
namespace {

constexpr std::size_t piece = std::size_t{2} << 20U;

std::uintptr_t address(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block);
}

bool is_zero(const void* block, std::size_t bytes) {
  const auto* const all = static_cast<const unsigned char*>(block);
  return std::all_of(all, all + bytes, [](unsigned char byte) { return byte == 0; });
}

TEST(BlockMemory, BlocksAreZeroAndKeepWhatIsInThem) {
  struct Held {
    std::size_t bytes;
    unsigned char filled_with;
  };
  BlockMemory memory;
  std::mt19937 random(1);
  std::map<unsigned char*, Held> held;
  const auto give_back = [&](auto one) {
    EXPECT_TRUE(std::all_of(one->first, one->first + one->second.bytes,
                            [&](unsigned char byte) { return byte == one->second.filled_with; }));
    memory.give_back(one->first, one->second.bytes);
    held.erase(one);
  };
  for (int step = 0; step < 20000; ++step) {
    if (!held.empty() && random() % 5 < 2) {
      give_back(std::next(held.begin(), static_cast<std::ptrdiff_t>(random() % held.size())));
      continue;
    }
    const std::size_t bytes = BlockMemory::smallest << (random() % 100 == 0 ? random() % 16 : random() % 6);
    auto* const block = static_cast<unsigned char*>(memory.take(bytes));
    ASSERT_EQ(address(block) % BlockMemory::smallest, 0U);
    ASSERT_TRUE(is_zero(block, bytes));
    const auto after = held.upper_bound(block);
    ASSERT_TRUE(after == held.end() || block + bytes <= after->first);
    ASSERT_TRUE(after == held.begin() || std::prev(after)->first + std::prev(after)->second.bytes <= block);
    const auto filled_with = static_cast<unsigned char>(random() % 255 + 1);
    std::memset(block, filled_with, bytes);
    held[block] = {bytes, filled_with};
  }
  while (!held.empty())
    give_back(held.begin());
}

TEST(BlockMemory, NeighboursGivenBackBecomeOneAgain) {
  BlockMemory memory;
  void* const first = memory.take(BlockMemory::smallest);
  const std::uintptr_t its_piece = address(first) / piece;
  std::vector<void*> blocks{first};
  while (address(blocks.back()) / piece == its_piece)
    blocks.push_back(memory.take(BlockMemory::smallest));
  memory.give_back(blocks.back(), BlockMemory::smallest);  // of the next piece
  blocks.pop_back();
  std::shuffle(blocks.begin(), blocks.end(), std::mt19937(2));
  for (void* const block : blocks)
    memory.give_back(block, BlockMemory::smallest);
  // Each piece has room for one of the largest: there is one in either.
  constexpr std::size_t largest = std::size_t{1} << 20U;
  const std::uintptr_t one = address(memory.take(largest)) / piece;
  const std::uintptr_t other = address(memory.take(largest)) / piece;
  EXPECT_NE(one, other);
  EXPECT_TRUE(one == its_piece || other == its_piece);
}

TEST(BlockMemory, WhatIsLargerThanAPieceComesByItself) {
  BlockMemory memory;
  constexpr std::size_t large = std::size_t{8} << 20U;
  auto* const block = static_cast<char*>(memory.take(large));
  EXPECT_EQ(address(block) % BlockMemory::smallest, 0U);
  EXPECT_TRUE(is_zero(block, large));
  block[0] = block[large - 1] = 1;
  memory.give_back(block, large);
  memory.take(large);  // which goes with all the rest
}

}  // namespace
}  // namespace afterwrite
