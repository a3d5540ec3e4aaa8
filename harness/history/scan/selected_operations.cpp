#include "harness/history/scan/selected_operations.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "harness/history/scan/hash.hpp"

namespace afterwrite {
namespace {

class Selection {
 public:
  Selection(std::uint64_t seed, History& history) : scanner_(seed), history_(history) {}

  /// Of these lines, the operations for which `wanted(operation, place)` says so.
  template <typename Wanted>
  void take(const KeyIndex::Run& run, std::string_view text, const Wanted& wanted) {
    block_.text = text;
    scanner_.scan(block_);
    for (std::size_t i = 0; i < block_.operations.size(); ++i) {
      const ScannedOperation& seen = block_.operations[i];
      if (!wanted(seen, run.operations_before + i)) continue;
      const std::string_view rest = text.substr(seen.offset);
      ParsedLine parsed = parser_.parse(rest.substr(0, rest.find('\n')));
      auto& line = std::get<OperationLine>(parsed);
      line.operation.line = run.lines_before + seen.line + 1;
      history_.operations.push_back(std::move(line.operation));
      history_.places.push_back(run.operations_before + i);
    }
  }

 private:
  BlockScanner scanner_;
  LineParser parser_;
  ScannedBlock block_;
  History& history_;
};

}  // namespace

void read_selected(const FileBlocks& file, const KeyIndex& index, std::uint64_t seed,
                   const std::vector<std::string>& keys, History& history) {
  std::vector<std::uint64_t> hashes;
  for (const std::string& key : keys)
    hashes.push_back(hash_text(key, seed));
  const std::unordered_set<std::string_view> wanted(keys.begin(), keys.end());
  Selection selection(seed, history);
  std::vector<char> buffer;
  for (const KeyIndex::Run& run : index.runs_with(hashes)) {
    selection.take(run, file.read(run.begin, run.size, buffer),
                   [&](const ScannedOperation& operation, std::uint64_t) { return wanted.contains(operation.key); });
  }
}

void read_selected(const FileBlocks& file, const KeyIndex& index, std::span<const std::uint64_t> places,
                   History& history) {
  constexpr std::uint64_t any_seed = 0;  // nothing is looked up
  Selection selection(any_seed, history);
  std::vector<char> buffer;
  for (const KeyIndex::Run& run : index.runs_at(places)) {
    selection.take(run, file.read(run.begin, run.size, buffer), [&](const ScannedOperation&, std::uint64_t place) {
      return std::binary_search(places.begin(), places.end(), place);
    });
  }
}

}  // namespace afterwrite
