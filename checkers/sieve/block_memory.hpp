#pragma once

#include <array>
#include <cstddef>
#include <unordered_set>
#include <vector>

namespace afterwrite {

/// Memory for very many small tables that double again and again: blocks of 64 bytes times a power of two. What two
/// neighbours leave behind becomes one block of twice the size (the buddy system: Knowlton 1965; Knuth, The Art of
/// Computer Programming 1, 2.5). Comes in huge pages where the system has them: without a fault for every four
/// kilobytes, and found without a walk through the page tables.
///
/// It keeps what it has until its end, but for blocks larger than a megabyte, which come and go by themselves. All of it
/// goes with it, given back or not. Belongs to one thread.
class BlockMemory {
 public:
  static constexpr std::size_t smallest = 64;

  BlockMemory() = default;
  ~BlockMemory();
  BlockMemory(const BlockMemory&) = delete;
  BlockMemory& operator=(const BlockMemory&) = delete;

  /// Zeroed. `bytes` is `smallest` times a power of two. Throws std::bad_alloc.
  void* take(std::size_t bytes);
  void give_back(void* block, std::size_t bytes) noexcept;

 private:
  /// In a block that is free.
  struct Free {
    Free* next;
    Free* previous;
  };

  static constexpr std::size_t sizes = 15;  // up to a megabyte

  void* take_of(std::size_t size);
  void add_piece();
  void put(void* block, std::size_t size) noexcept;
  void remove(Free* block, std::size_t size) noexcept;

  std::array<Free*, sizes> free_{};  // by the binary logarithm of the size over the smallest
  std::vector<void*> pieces_;
  std::unordered_set<void*> alone_;  // the larger ones
};

}  // namespace afterwrite
