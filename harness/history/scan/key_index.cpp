#include "harness/history/scan/key_index.hpp"

#include <algorithm>

namespace afterwrite {

void KeyIndex::Filter::add(std::uint64_t hash) {
  bits[hash % 16] |= std::uint64_t{1} << ((hash >> 8U) % 64);
  bits[(hash >> 16U) % 16] |= std::uint64_t{1} << ((hash >> 24U) % 64);
}

bool KeyIndex::Filter::may_hold(std::uint64_t hash) const {
  return ((bits[hash % 16] >> ((hash >> 8U) % 64)) & (bits[(hash >> 16U) % 16] >> ((hash >> 24U) % 64)) & 1U) != 0;
}

void KeyIndex::add(const ScannedBlock& block) {
  if (block.operations.empty()) return;
  Block& indexed = blocks_[block.number];
  indexed.begin = block.begin;
  indexed.size = block.text.size();
  indexed.filters.resize((block.operations.size() + operations_a_run - 1) / operations_a_run);
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    const ScannedOperation& operation = block.operations[i];
    Filter& filter = indexed.filters[i / operations_a_run];
    if (i % operations_a_run == 0) {
      filter.begin = operation.offset;
      filter.line = operation.line;
    }
    filter.add(operation.key_hash);
  }
}

void KeyIndex::place(const ScannedBlock& block) {
  if (block.operations.empty()) return;
  blocks_[block.number].lines_before = block.lines_before;
  blocks_[block.number].operations_before = block.operations_before;
}

std::vector<KeyIndex::Run> KeyIndex::runs_with(std::span<const std::uint64_t> key_hashes) const {
  std::vector<Run> runs;
  for (const Block& block : blocks_) {
    for (std::size_t i = 0; i < block.filters.size(); ++i) {
      const Filter& filter = block.filters[i];
      if (std::none_of(key_hashes.begin(), key_hashes.end(),
                       [&](std::uint64_t hash) { return filter.may_hold(hash); })) {
        continue;
      }
      const std::uint64_t end = i + 1 < block.filters.size() ? block.filters[i + 1].begin : block.size;
      runs.push_back({block.begin + filter.begin, end - filter.begin, block.lines_before + filter.line,
                      block.operations_before + i * operations_a_run});
    }
  }
  return runs;
}

}  // namespace afterwrite
