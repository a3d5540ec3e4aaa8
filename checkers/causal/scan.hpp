#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "checkers/causal/input.hpp"
#include "checkers/sieve/name_table.hpp"
#include "checkers/sieve/value_identity.hpp"
#include "harness/history/scan/file_scan.hpp"

namespace afterwrite {

/// What causal consistency is judged by, gathered from a pass over a file, without the operations themselves.
struct ScannedCausal {
  CausalInput input;  ///< by session; operations are numbered as in the file
  std::uint64_t keys = 0;
  std::vector<std::string> odd_keys;  ///< on which there is an anomaly: their operations say which
  std::uint64_t unexplained = 0;      ///< as in SortedHistory
  std::uint64_t ambiguous_nulls = 0;  ///< likewise
  bool any_delete = false;            ///< whatever became of it
};

/// The second source of CausalInput: what CausalSource (causal_source.hpp) makes of a whole history of registers at
/// scope `session`, this makes of a scanned file, number by number (tests/sieve compares the two). Values are compared
/// as the sieve compares them. Throws NotPlain at lists.
///
/// Sessions and times are noted by the thread that scanned a block, keys and values by the owner of the key.
class CausalScan : public ScanConsumer {
 public:
  /// `blocks`: of the file. `seed` is that of the scan.
  CausalScan(unsigned threads, std::uint64_t blocks, std::uint64_t seed);

  void glance(unsigned thread, const ScannedBlock& block) override;
  void take(unsigned owner, const ScannedBlock& block, const OwnedOperations& operations) override;

  /// After the pass, once. `unfinished`: values may be there whose writes were not recorded.
  ScannedCausal finish(bool one_clock, bool unfinished);

 private:
  using Index = CausalInput::Index;
  static constexpr Index none = CausalInput::none;

  /// One operation on a key; in the order of the file.
  struct Sight {
    enum class Kind : std::uint8_t { read, write, removal, failed };
    Index operation = 0;
    Index key = 0;
    Index version = none;  ///< none: nothing there
    Kind kind = Kind::read;
    bool ok = false;
  };
  static constexpr unsigned key_bits = 29;
  /// A value of a key, read or written.
  struct Version {
    ValueIdentity value;
    Index write = none;  ///< the first that did not fail; finish() makes it its place in CausalInput::writes
    Index key : key_bits = 0;
    bool failed : 1 = false;      ///< there was a write that did
    bool duplicate : 1 = false;   ///< there was another that did not
    bool read_first : 1 = false;  ///< was read by an operation that stands before the write
  };
  static_assert(sizeof(Version) == 24);

  /// What a thread that scans notes.
  struct Scanner {
    NameTable sessions;
    std::vector<std::uint64_t> first;  ///< by session: its first operation, by block and place in it
    bool removes = false;
  };
  /// Keys of one owner, and what was done to them.
  struct Owner {
    NameTable keys;
    std::vector<Index> first;   ///< by key: its first operation
    std::vector<Index> newest;  ///< by key: the version met last
    std::deque<Sight> sights;   ///< never moved: at the end they are most of what is held
    std::vector<Version> versions;
    std::vector<Index> slots;               ///< a hash table: versions, and one
    std::vector<RecordedVersion> recorded;  ///< by version; empty where none is recorded
    std::vector<bool> is_recorded;          ///< likewise
    std::unordered_set<Index> odd_keys;
  };
  class Finishing;

  struct Looked;
  void look_up(Owner& owner, Looked& one) const;
  static void take(Owner& owner, const Looked& one);
  static Index version(Owner& owner, const Looked& one);
  static void take_write(Owner& owner, Sight& sight, Version& version, Outcome outcome);
  static void record(Owner& owner, const Sight& sight, const ScannedOperation& operation);

  std::uint64_t seed_;
  ValueSeeds values_;
  std::vector<std::vector<CausalInput::Step>> steps_;  // by block; owned by the session's number at its scanner
  std::vector<std::uint8_t> scanned_by_;               // by block
  std::vector<std::unique_ptr<Scanner>> scanners_;
  std::vector<std::unique_ptr<Owner>> owners_;
};

}  // namespace afterwrite
