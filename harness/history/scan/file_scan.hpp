#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/history/scan/block_scanner.hpp"
#include "harness/history/scan/file_blocks.hpp"

namespace afterwrite {

/// Operations of one block that one owner is to take, in the order of the file.
using OwnedOperations = std::vector<const ScannedOperation*>;

/// Takes the operations of a file while it is passed over. The work is divided by key: each key belongs to one of as
/// many owners as there are threads, and one owner's operations come in the order of the file.
class ScanConsumer {
 public:
  ScanConsumer() = default;
  virtual ~ScanConsumer() = default;
  ScanConsumer(const ScanConsumer&) = delete;
  ScanConsumer& operator=(const ScanConsumer&) = delete;

  /// All operations of a block, the blocks in any order. Called by each thread with its own number.
  virtual void glance(unsigned /*thread*/, const ScannedBlock& /*block*/) {}
  /// Those of one owner, called by that owner's thread alone. The block's place in the file is known by now.
  virtual void take(unsigned owner, const ScannedBlock& block, const OwnedOperations& operations) = 0;
};

/// What a pass saw besides operations.
struct FileFacts {
  Header header;
  nlohmann::json footer = nlohmann::json::object();
  bool truncated = false;
  std::vector<std::string> notes;
  std::vector<FaultEvent> faults;
  std::vector<LagSample> lags;
  std::uint64_t operations = 0;
  Nanoseconds last_complete = 0;
};

/// Passes over a whole file with so many threads. Throws NotPlain (see there), and what a consumer throws.
FileFacts scan_file(const FileBlocks& file, unsigned threads, std::uint64_t seed, ScanConsumer& consumer);

/// The header alone; an empty one if the first line is none. Throws NotPlain.
Header scan_header(const FileBlocks& file);

}  // namespace afterwrite
