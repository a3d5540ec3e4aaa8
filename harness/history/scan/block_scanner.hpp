#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/history/history.hpp"
#include "harness/history/line_parser.hpp"
#include "harness/history/scan/line_shape.hpp"
#include "harness/history/scan/scanned_operation.hpp"

namespace afterwrite {

/// What a pass over a file does not understand: the reader (harness/history/reader.hpp) then has the last word, and the
/// words for what is wrong. Not an error by itself.
struct NotPlain {
  /// Why, in words that go on from the name of the file; empty if the reader will refuse it anyway.
  std::string_view why = "it holds lines that one pass cannot judge";
};

/// A run of whole lines, and what they held.
struct ScannedBlock {
  std::string_view text;
  std::vector<ScannedOperation> operations;
  /// What the texts of lines that needed the full parser refer to.
  std::deque<Operation> parsed;
  std::uint64_t lines = 0;
  /// If its operations are numbered: what the number of the first one would be, were it numbered.
  std::optional<std::int64_t> first_index;
  std::vector<FaultEvent> faults;  ///< their lines within the block, from 0
  std::vector<LagSample> lags;     ///< likewise
  std::optional<Header> header;
  std::optional<FooterLine> footer;
  std::optional<std::size_t> torn;  ///< size of a last line that was cut off in mid-write

  /// Operations, fault events or lag samples.
  bool holds_events() const { return !operations.empty() || !faults.empty() || !lags.empty(); }

  // Filled in by whoever knows what stands before the block, and where it stands.
  std::uint64_t number = 0;
  std::uint64_t begin = 0;  // of the text, in the file
  std::uint64_t lines_before = 0;
  std::uint64_t operations_before = 0;
};

/// Reads blocks of lines. Belongs to one thread.
class BlockScanner {
 public:
  /// `seed` is that of ScannedOperation::key_hash.
  explicit BlockScanner(std::uint64_t seed) : seed_(seed) {}

  /// Fills `block` from block.text, behind which `token_padding` bytes can be read. Throws NotPlain where anything is
  /// not as most histories are: a bad line, lines out of order, transactions, control sessions.
  void scan(ScannedBlock& block);

  /// The hash that goes with a key.
  static std::uint64_t hash(std::string_view text, std::uint64_t seed);

 private:
  const char* scan_line(const char* at, const char* end, ScannedBlock& block);
  const char* parse_line(const char* at, const char* end, ScannedBlock& block);
  void take(OperationLine&& line, const char* at, ScannedBlock& block);
  void add(std::optional<std::uint64_t> index, const char* at, ScannedBlock& block) const;

  std::uint64_t seed_;
  LineParser parser_;
  std::vector<LineShape> shapes_;
  std::size_t likely_ = 0;  // the shape of the last line
};

}  // namespace afterwrite
