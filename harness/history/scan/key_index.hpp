#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/history/scan/block_scanner.hpp"

namespace afterwrite {

/// Says of each few lines of a file whether operations on a key may stand there, so that a few keys' operations can be
/// read again without the rest: a Bloom filter (1970) for every run of lines, two bytes an operation. Made during a
/// pass; several threads may add blocks, each block once.
class KeyIndex {
 public:
  explicit KeyIndex(std::uint64_t blocks) : blocks_(blocks) {}

  /// A block that was scanned; where it stands may still be unknown.
  void add(const ScannedBlock& block);
  /// Where the block stands is known by now.
  void place(const ScannedBlock& block);

  /// A run of lines.
  struct Run {
    std::uint64_t begin = 0;  ///< in the file
    std::uint64_t size = 0;
    std::uint64_t lines_before = 0;
    std::uint64_t operations_before = 0;
  };
  /// Those that may hold operations on a key with one of these hashes, in the order of the file.
  std::vector<Run> runs_with(std::span<const std::uint64_t> key_hashes) const;
  /// Those that hold the operations with these numbers in the file, which are sorted, likewise.
  std::vector<Run> runs_at(std::span<const std::uint64_t> places) const;

 private:
  static constexpr std::size_t operations_a_run = 32;

  struct Filter {
    std::array<std::uint64_t, 8> bits{};
    std::uint32_t begin = 0;  // within the block
    std::uint32_t line = 0;   // within the block
    void add(std::uint64_t hash);
    bool may_hold(std::uint64_t hash) const;
  };
  struct Block {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::uint64_t operations = 0;
    std::uint64_t lines_before = 0;
    std::uint64_t operations_before = 0;
    std::vector<Filter> filters;
    Run run(std::size_t i) const;
  };
  std::vector<Block> blocks_;
};

}  // namespace afterwrite
