#include "harness/history/scan/file_scan.hpp"

#include <array>
#include <atomic>
#include <barrier>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace afterwrite {
namespace {

/// Puts blocks in order and checks what no block shows by itself.
class Ledger {
 public:
  void add(ScannedBlock& block) {
    const bool anything = block.header || block.footer || block.torn || block.holds_events();
    if (anything && !facts_.footer.empty()) throw NotPlain{};
    if (block.header) {
      if (begun_) throw NotPlain{};
      facts_.header = *std::move(block.header);
    }
    block.lines_before = lines_;
    block.operations_before = facts_.operations;
    if (block.first_index && *block.first_index != static_cast<std::int64_t>(facts_.operations)) throw NotPlain{};
    if (!block.operations.empty()) {
      if (block.operations.front().complete < facts_.last_complete) throw NotPlain{};
      facts_.last_complete = block.operations.back().complete;
      facts_.operations += block.operations.size();
    }
    take(block.faults, facts_.faults);
    take(block.lags, facts_.lags);
    lines_ += block.lines;
    if (block.footer) {
      if (block.footer->operations != facts_.operations) throw NotPlain{};
      facts_.footer = std::move(block.footer->all);
    }
    if (block.torn) {
      facts_.notes.push_back(
          fmt::format("line {} was cut off in mid-write ({} bytes) and is left out", lines_, *block.torn));
    }
    begun_ = begun_ || block.header || block.footer || block.holds_events();
  }

  FileFacts finish() {
    if (!begun_) throw NotPlain{};
    facts_.truncated = facts_.footer.empty();
    return std::move(facts_);
  }

 private:
  template <typename Event>
  void take(std::vector<Event>& events, std::vector<Event>& all) const {
    for (Event& event : events) {
      event.line += lines_ + 1;
      all.push_back(std::move(event));
    }
  }

  FileFacts facts_;
  std::uint64_t lines_ = 0;
  bool begun_ = false;
};

/// Each thread scans a block; when all have, each takes what it owns of all these blocks. That it does one round later,
/// when it has scanned the next block, so that nobody waits for who is a little slower.
class Scan {
 public:
  Scan(const FileBlocks& file, unsigned threads, std::uint64_t seed, ScanConsumer& consumer)
      : file_(file),
        consumer_(consumer),
        threads_(threads),
        seed_(seed),
        slots_{std::vector<Slot>(threads), std::vector<Slot>(threads), std::vector<Slot>(threads)},
        barrier_(static_cast<std::ptrdiff_t>(threads), EndOfRound{this}) {}

  FileFacts run() {
    std::vector<std::thread> others;
    for (unsigned thread = 1; thread < threads_; ++thread)
      others.emplace_back([this, thread] { work(thread); });
    work(0);
    for (std::thread& other : others)
      other.join();
    if (failure_) std::rethrow_exception(failure_);
    return ledger_.finish();
  }

 private:
  struct Slot {
    std::vector<char> buffer;
    ScannedBlock block;
    std::vector<OwnedOperations> owned;
  };
  struct EndOfRound {
    Scan* scan;
    void operator()() noexcept { scan->end_round(); }
  };

  void work(unsigned thread) {
    BlockScanner scanner(seed_);
    const std::uint64_t rounds = (file_.count() + threads_ - 1) / threads_;
    std::optional<Barrier::arrival_token> before;
    for (std::uint64_t round = 0; round <= rounds; ++round) {
      if (round < rounds) {
        guarded([&] { fill(slots_of(round)[thread], round * threads_ + thread, thread, scanner); });
      }
      if (before) {
        barrier_.wait(*std::exchange(before, std::nullopt));
        if (stopped_) return;
        guarded([&] {
          for (const Slot& slot : slots_of(round - 1))
            consumer_.take(thread, slot.block, slot.owned[thread]);
        });
      }
      if (round < rounds) before = barrier_.arrive();
    }
  }

  void fill(Slot& slot, std::uint64_t number, unsigned thread, BlockScanner& scanner) {
    const FileBlocks::Text text = number < file_.count() ? file_.read_block(number, slot.buffer) : FileBlocks::Text{};
    slot.block.text = text.lines;
    slot.block.begin = text.begin;
    slot.block.number = number;
    scanner.scan(slot.block);
    slot.owned.resize(threads_);
    for (OwnedOperations& owned : slot.owned)
      owned.clear();
    for (const ScannedOperation& operation : slot.block.operations) {
      slot.owned[threads_ == 1 ? 0 : (operation.key_hash >> 32U) % threads_].push_back(&operation);
    }
    consumer_.glance(thread, slot.block);
  }

  /// Runs once all threads have come to the end of a round, before anybody goes beyond it.
  void end_round() {
    if (!failed_) {
      guarded([&] {
        for (Slot& slot : slots_of(rounds_))
          ledger_.add(slot.block);
      });
    }
    ++rounds_;
    stopped_ = failed_;
  }

  /// A thread that failed still comes to the barrier: the others wait for it there.
  void guarded(const std::function<void()>& step) {
    if (failed_) return;
    try {
      step();
    } catch (...) {
      const std::lock_guard lock(failure_mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_ = true;
    }
  }

  using Barrier = std::barrier<EndOfRound>;

  /// While one round is scanned, somebody may still take from the one before; and who is slower by a round is waited for.
  std::vector<Slot>& slots_of(std::uint64_t round) { return slots_[round % slots_.size()]; }

  const FileBlocks& file_;
  ScanConsumer& consumer_;
  unsigned threads_;
  std::uint64_t seed_;
  std::array<std::vector<Slot>, 3> slots_;
  std::uint64_t rounds_ = 0;
  Ledger ledger_;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  std::atomic<bool> failed_ = false;
  bool stopped_ = false;  // written at the end of a round, before anybody goes beyond it
  Barrier barrier_;
};

}  // namespace

FileFacts scan_file(const FileBlocks& file, unsigned threads, std::uint64_t seed, ScanConsumer& consumer) {
  return Scan(file, threads, seed, consumer).run();
}

Header scan_header(const FileBlocks& file) {
  std::vector<char> buffer;
  if (file.count() == 0) throw NotPlain{""};
  std::string_view text = file.read_block(0, buffer).lines;
  text = text.substr(0, text.find('\n'));
  try {
    LineParser parser;
    ParsedLine parsed = parser.parse(text);
    if (auto* const header = std::get_if<Header>(&parsed)) return std::move(*header);
  } catch (const BadLine&) {
    throw NotPlain{"it is packed, or in the format of another program"};
  }
  return {};
}

}  // namespace afterwrite
