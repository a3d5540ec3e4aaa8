#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/history/scan/file_scan.hpp"
#include "harness/history/scan/key_index.hpp"

namespace afterwrite {

/// Reads the operations of some keys in full, with the lines and places that they have in the file: History::operations
/// and History::places of the history that holds nothing else. `index` was made by a pass over the whole file with this
/// `seed`. Throws NotPlain if the file is no longer what it was.
void read_selected(const FileBlocks& file, const KeyIndex& index, std::uint64_t seed,
                   const std::vector<std::string>& keys, History& history);

/// The same for single operations, named by their numbers in the file, which are sorted.
void read_selected(const FileBlocks& file, const KeyIndex& index, std::span<const std::uint64_t> places,
                   History& history);

}  // namespace afterwrite
