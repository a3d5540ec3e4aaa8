#include "harness/history/scan/key_index.hpp"

#include <algorithm>

namespace afterwrite {

namespace {

/// Of sixteen bits an operation, how many it sets: one run in 400 is then read for nothing.
constexpr unsigned bits_an_operation = 4;

}  // namespace

void KeyIndex::Filter::add(std::uint64_t hash) {
  for (unsigned i = 0; i < bits_an_operation; ++i, hash >>= 9U)
    bits[hash % bits.size()] |= std::uint64_t{1} << (hash >> 3U) % 64;
}

bool KeyIndex::Filter::may_hold(std::uint64_t hash) const {
  std::uint64_t all = 1;
  for (unsigned i = 0; i < bits_an_operation; ++i, hash >>= 9U)
    all &= bits[hash % bits.size()] >> (hash >> 3U) % 64;
  return all != 0;
}

void KeyIndex::add(const ScannedBlock& block) {
  if (block.operations.empty()) return;
  Block& indexed = blocks_[block.number];
  indexed.begin = block.begin;
  indexed.size = block.text.size();
  indexed.operations = block.operations.size();
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
      runs.push_back(block.run(i));
    }
  }
  return runs;
}

std::vector<KeyIndex::Run> KeyIndex::runs_at(std::span<const std::uint64_t> places) const {
  std::vector<Run> runs;
  auto place = places.begin();
  for (const Block& block : blocks_) {
    for (std::size_t i = 0; i < block.filters.size(); ++i) {
      const std::uint64_t end = block.operations_before + (i + 1) * operations_a_run;
      const bool last = i + 1 == block.filters.size();
      const auto first = place;
      while (place != places.end() && *place < end && (!last || *place < block.operations_before + block.operations))
        ++place;
      if (place != first) runs.push_back(block.run(i));
    }
  }
  return runs;
}

KeyIndex::Run KeyIndex::Block::run(std::size_t i) const {
  const Filter& filter = filters[i];
  const std::uint64_t end = i + 1 < filters.size() ? filters[i + 1].begin : size;
  return {begin + filter.begin, end - filter.begin, lines_before + filter.line,
          operations_before + i * operations_a_run};
}

}  // namespace afterwrite
