#include "checkers/sieve/block_memory.hpp"

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace afterwrite {

namespace {

constexpr std::size_t piece_bytes = std::size_t{2} << 20U;  // as large as a huge page
constexpr std::size_t blocks_a_piece = piece_bytes / BlockMemory::smallest;

std::size_t bytes_of(std::size_t size) {
  return BlockMemory::smallest << size;
}

/// At the beginning of each piece: which size, and one, the free block has that begins at each place; 0 where none does.
std::uint8_t* free_sizes(void* block) {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  return static_cast<std::uint8_t*>(block) - address % piece_bytes;
}

std::size_t place_of(void* block) {
  return reinterpret_cast<std::uintptr_t>(block) % piece_bytes / BlockMemory::smallest;
}

/// One that begins where a huge page does.
void* map_piece() {
  void* const mapping =
      mmap(nullptr, 2 * piece_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<char*>(mapping);
  const std::size_t before = (piece_bytes - reinterpret_cast<std::uintptr_t>(begin) % piece_bytes) % piece_bytes;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + piece_bytes, piece_bytes - before);
  return begin + before;
}

}  // namespace

BlockMemory::~BlockMemory() {
  for (void* const piece : pieces_)
    munmap(piece, piece_bytes);
  for (void* const block : alone_)
    std::free(block);
}

void* BlockMemory::take(std::size_t bytes) {
  const auto size = static_cast<std::size_t>(std::countr_zero(bytes / smallest));
  if (size >= sizes) {
    void* const block = std::aligned_alloc(smallest, bytes);
    if (block == nullptr) throw std::bad_alloc();
    alone_.insert(block);
    return std::memset(block, 0, bytes);
  }
  return std::memset(take_of(size), 0, bytes);
}

void* BlockMemory::take_of(std::size_t size) {
  std::size_t found = size;
  while (found < sizes && free_[found] == nullptr)
    ++found;
  if (found == sizes) {
    add_piece();
    return take_of(size);
  }
  Free* const block = free_[found];
  remove(block, found);
  for (; found > size; --found)
    put(reinterpret_cast<char*>(block) + bytes_of(found - 1), found - 1);
  return block;
}

/// The first block of a piece is that of free_sizes(): all the sizes up to the largest remain, one of each.
void BlockMemory::add_piece() {
  pieces_.reserve(pieces_.size() + 1);
  void* const piece = map_piece();
  // Of the first one, a small history needs little. Where huge pages are refused it is memory all the same.
  if (!pieces_.empty()) madvise(piece, piece_bytes, MADV_HUGEPAGE);
  pieces_.push_back(piece);
  std::size_t size = static_cast<std::size_t>(std::countr_zero(blocks_a_piece / smallest));
  for (; size < sizes; ++size)
    put(static_cast<char*>(piece) + bytes_of(size), size);
}

void BlockMemory::give_back(void* block, std::size_t bytes) noexcept {
  auto size = static_cast<std::size_t>(std::countr_zero(bytes / smallest));
  if (size >= sizes) {
    alone_.erase(block);
    return std::free(block);
  }
  std::uint8_t* const free_here = free_sizes(block);
  std::size_t place = place_of(block);
  while (size + 1 < sizes) {
    const std::size_t neighbour = place ^ (std::size_t{1} << size);
    if (free_here[neighbour] != size + 1) break;
    remove(reinterpret_cast<Free*>(free_here + neighbour * smallest), size);
    place &= neighbour;
    ++size;
  }
  put(free_here + place * smallest, size);
}

void BlockMemory::put(void* block, std::size_t size) noexcept {
  Free* const next = free_[size];
  free_[size] = new (block) Free{next, nullptr};
  if (next != nullptr) next->previous = free_[size];
  free_sizes(block)[place_of(block)] = static_cast<std::uint8_t>(size + 1);
}

void BlockMemory::remove(Free* block, std::size_t size) noexcept {
  if (block->previous != nullptr) {
    block->previous->next = block->next;
  } else {
    free_[size] = block->next;
  }
  if (block->next != nullptr) block->next->previous = block->previous;
  free_sizes(block)[place_of(block)] = 0;
}

}  // namespace afterwrite
