// Long histories of few keys, where the sieve has to remember what the exact judge looks up: the reports must be the
// same here too.

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "harness/history/writer.hpp"
#include "tests/checkers/settings.hpp"
#include "tests/sieve/both_ways.hpp"

namespace afterwrite {
namespace {

/// How a store of one copy is used.
struct Use {
  std::uint64_t sessions = 3;
  std::uint64_t keys = 2;
  std::size_t operations = 600;
  Nanoseconds longest = 1000;   ///< an operation takes 0 to so much, and its session waits for up to half of it
  std::uint64_t writes_in = 2;  ///< one operation in so many
  std::uint64_t stale_in = 0;   ///< one read in so many returns the version before; 0: none
  std::uint64_t info_in = 0;    ///< one write in so many
  std::uint64_t fail_in = 0;
  std::uint64_t late_in = 0;      ///< one read in so many is of another copy, which is one write behind
  Nanoseconds sampled_every = 0;  ///< lag samples of two nodes; 0: none
  bool versions = false;
  bool own_keys = false;  ///< each session writes to a key of its own
};

struct Step {
  Operation operation;
  Nanoseconds effect = 0;
};

class Store {
 public:
  Store(const Use& use, std::mt19937_64& random) : use_(use), random_(random), clocks_(use.sessions) {}

  std::vector<Operation> run() {
    for (std::size_t i = 0; i < use_.operations; ++i)
      steps_.push_back(step());
    std::stable_sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.effect < b.effect; });
    std::vector<std::vector<const Step*>> logs(use_.keys);
    for (Step& one : steps_) {
      auto& log = logs[static_cast<std::size_t>(one.operation.key.back() - '0')];
      if (one.operation.is_write()) {
        if (one.operation.outcome == Outcome::fail) continue;
        if (one.operation.outcome == Outcome::info && random_() % 2 == 0) continue;
        log.push_back(&one);
      } else {
        const bool old = one_in(use_.stale_in) || one_in(use_.late_in);
        if (log.size() < (old ? 2U : 1U)) continue;
        one.operation.value = log[log.size() - (old ? 2 : 1)]->operation.value;
      }
      if (use_.versions && one.operation.outcome == Outcome::ok) {
        const auto same = std::find_if(log.begin(), log.end(), [&](const Step* written) {
          return written->operation.value == one.operation.value;
        });
        one.operation.version = RecordedVersion{1, 10 * (same - log.begin() + 1)};
      }
    }
    std::vector<Operation> all;
    for (Step& one : steps_)
      all.push_back(std::move(one.operation));
    std::stable_sort(all.begin(), all.end(),
                     [](const Operation& a, const Operation& b) { return a.complete < b.complete; });
    return all;
  }

 private:
  bool one_in(std::uint64_t many) { return many > 0 && random_() % many == 0; }

  Step step() {
    Step one;
    const std::uint64_t session = random_() % use_.sessions;
    Operation& operation = one.operation;
    operation.session = "s" + std::to_string(session);
    operation.function = one_in(use_.writes_in) ? Function::write : Function::read;
    const std::uint64_t key = use_.own_keys && operation.is_write() ? session % use_.keys : random_() % use_.keys;
    operation.key = "k" + std::to_string(key);
    operation.outcome = Outcome::ok;
    if (operation.is_write()) {
      operation.value = std::int64_t{++values_};
      if (one_in(use_.info_in)) operation.outcome = Outcome::info;
      if (one_in(use_.fail_in)) operation.outcome = Outcome::fail;
    }
    operation.invoke =
        clocks_[session] + static_cast<Nanoseconds>(random_() % (static_cast<std::uint64_t>(use_.longest) / 2 + 1));
    const Nanoseconds duration = static_cast<Nanoseconds>(random_() % static_cast<std::uint64_t>(use_.longest + 1));
    operation.complete = operation.invoke + duration;
    one.effect = operation.invoke + static_cast<Nanoseconds>(random_() % static_cast<std::uint64_t>(duration + 1));
    clocks_[session] = operation.complete;
    return one;
  }

  const Use& use_;
  std::mt19937_64& random_;
  std::vector<Nanoseconds> clocks_;
  std::vector<Step> steps_;
  std::int64_t values_ = 0;
};

const std::vector<std::string> headers{"",
                                       R"({"kind":"header","assume":["writer-order","one-clock"]})"
                                       "\n",
                                       R"({"kind":"header","assume":[]})"
                                       "\n",
                                       R"({"kind":"header","assume":["writer-order","realtime-writes","one-clock"]})"
                                       "\n",
                                       R"({"kind":"header","assume":["realtime-writes","one-clock"]})"
                                       "\n"};

/// At most times somewhat behind, at some not at all or not to be reached.
std::string sample_line(std::mt19937_64& random, const std::string& node, Nanoseconds time) {
  LagSample sample;
  sample.node = node;
  sample.time = time;
  sample.reachable = random() % 8 != 0;
  if (sample.reachable && random() % 3 != 0) {
    sample.beat_acknowledged = time - static_cast<Nanoseconds>(random() % static_cast<std::uint64_t>(time + 1));
    sample.lag_ms = static_cast<double>(time - *sample.beat_acknowledged) / 1e6;
  }
  return lag_line(sample);
}

/// How much of all that was judged the sieve spared the exact judge, over many histories of this use.
double spared(const Use& use, int rounds, const std::string& header) {
  const HistoryFile file;
  std::mt19937_64 random(99);
  Question question;
  question.guarantees = {Guarantees(1), Guarantees(2), Guarantees(4), Guarantees(8), Guarantees(3), Guarantees(15)};
  question.min_at_risk = 0;
  double seen = 0;
  double left = 0;
  if (oracle::sanitizer_share > 1) rounds = std::max(rounds / 4, 1);
  for (int round = 0; round < rounds; ++round) {
    std::string text = header;
    std::uint64_t number = 0;
    Nanoseconds sampled = 0;
    for (const Operation& operation : Store(use, random).run()) {
      for (; use.sampled_every > 0 && sampled <= operation.complete; sampled += use.sampled_every) {
        text += sample_line(random, "n1", sampled) + "\n" + sample_line(random, "n2", sampled) + "\n";
      }
      append_operation_line(text, operation, number++);
      if (text.back() != '\n') text += '\n';
    }
    file.write(text);
    const Judged exact = outcome(file.path(), question, {.threads = 1, .exact = true});
    const Judged sieved = outcome(file.path(), question, {.threads = 2, .exact = false, .block_bytes = 4096});
    EXPECT_EQ(exact.report, sieved.report) << "round " << round << ", header " << header;
    if (exact.report != sieved.report) return 0;
    EXPECT_EQ(exact.operations, use.operations) << exact.report;
    seen += static_cast<double>(exact.operations);
    left += static_cast<double>(sieved.operations);
  }
  return 1 - left / seen;
}

/// Where many moments are the same.
TEST(Sieve, OfACoarseClock) {
  for (const std::string& header : headers) {
    spared({.keys = 9, .operations = 300, .longest = 4}, 20, header);
    spared({.keys = 9, .operations = 300, .longest = 1, .versions = true}, 20, header);
    spared({.sessions = 5, .keys = 9, .operations = 300, .longest = 0, .late_in = 9}, 20, header);
  }
}

TEST(Sieve, OfManyWriters) {
  for (const std::string& header : headers)
    EXPECT_GT(spared({}, 20, header), 0.8) << header;
}

TEST(Sieve, OfOneWriterAKey) {
  for (const std::string& header : headers)
    EXPECT_GT(spared({.keys = 3, .own_keys = true}, 20, header), 0.9) << header;
}

TEST(Sieve, OfRecordedVersions) {
  for (const std::string& header : headers)
    EXPECT_GT(spared({.versions = true}, 20, header), 0.9) << header;
}

/// Two writes at one time, of which the one that took effect last was acknowledged first: a read that shows it so is no
/// reason to suspect the key.
TEST(Sieve, OfWritesAcknowledgedTheOtherWayRound) {
  const HistoryFile file;
  std::string operations =
      R"({"kind":"op","session":"s1","f":"write","key":"k","value":"last","type":"ok","invoke":0,"complete":10})"
      "\n"
      R"({"kind":"op","session":"s2","f":"write","key":"k","value":"first","type":"ok","invoke":5,"complete":20})"
      "\n"
      R"({"kind":"op","session":"s3","f":"read","key":"k","value":"last","type":"ok","invoke":30,"complete":40})"
      "\n";
  // Keys on which nothing happens: where few look suspicious, these are left to the exact judge.
  for (int other = 0; other < 20; ++other) {
    operations += R"({"kind":"op","session":"s3","f":"read","key":"other)" + std::to_string(other) +
                  R"(","value":null,"type":"ok","invoke":)" + std::to_string(50 + 10 * other) +
                  R"(,"complete":)" + std::to_string(60 + 10 * other) + "}\n";
  }
  for (const std::string& header : headers) {
    file.write(header + operations);
    const Judged exact = outcome(file.path(), {}, {.threads = 1, .exact = true});
    const Judged sieved = outcome(file.path(), {}, {.threads = 1, .exact = false});
    EXPECT_EQ(exact.report, sieved.report) << header;
    EXPECT_EQ(sieved.operations, 0U) << header;
  }
}

/// Chains beyond the events that the exact judge looks at one by one, on a clock so fine that no two moments are the
/// same: with realtime-writes a key is left to the exact judge where a write begins in the moment in which another
/// version was first mentioned.
TEST(Sieve, OfLongChains) {
  constexpr Nanoseconds fine = 1'000'000'000;
  for (const std::string& header : headers) {
    EXPECT_GT(spared({.sessions = 2, .keys = 1, .operations = 1500, .longest = fine}, 4, header), 0.9) << header;
    EXPECT_GT(spared({.sessions = 3, .keys = 3, .operations = 5000, .longest = fine, .own_keys = true}, 4, header), 0.9)
        << header;
    EXPECT_GT(spared({.sessions = 2, .keys = 1, .operations = 1500, .longest = fine, .versions = true}, 4, header), 0.9)
        << header;
  }
}

TEST(Sieve, OfManySessionsOnOneKey) {
  for (const std::string& header : headers) {
    spared({.sessions = 40, .keys = 1, .operations = 3000, .longest = 1'000'000}, 4, header);
    EXPECT_GT(
        spared({.sessions = 40, .keys = 1, .operations = 3000, .longest = 1'000'000, .versions = true}, 4, header), 0.5)
        << header;
    EXPECT_GT(spared({.sessions = 8, .keys = 8, .operations = 5000, .own_keys = true}, 4, header), 0.5) << header;
  }
}

TEST(Sieve, OfStaleReads) {
  for (const bool versions : {false, true}) {
    for (const std::string& header : headers)
      spared({.keys = 9, .stale_in = 200, .versions = versions}, 20, header);
  }
}

TEST(Sieve, OfUnknownOutcomesAndFailures) {
  for (const bool versions : {false, true}) {
    for (const std::string& header : headers) {
      spared({.keys = 9, .info_in = 20, .fail_in = 20, .versions = versions}, 20, header);
    }
  }
}

TEST(Sieve, OfACopyThatIsBehind) {
  for (const bool versions : {false, true}) {
    for (const std::string& header : headers) {
      spared({.sessions = 8, .keys = 9, .operations = 300, .late_in = 30, .versions = versions}, 20, header);
      // Nobody comes back to a key so soon that he would notice.
      const Use rarely{.sessions = 50, .keys = 9, .operations = 300, .late_in = 10, .versions = versions};
      EXPECT_GT(spared(rarely, 20, header), 0.6) << header;
    }
  }
}

TEST(Sieve, OfLagSamples) {
  for (const bool versions : {false, true}) {
    for (const std::string& header : headers) {
      EXPECT_GT(spared({.keys = 9, .sampled_every = 700, .versions = versions}, 20, header), 0.8) << header;
      spared({.keys = 9, .operations = 300, .longest = 3, .late_in = 20, .sampled_every = 2, .versions = versions}, 20,
             header);
      spared({.sessions = 40, .keys = 2, .operations = 1000, .late_in = 50, .sampled_every = 500, .versions = versions},
             5, header);
    }
  }
}

}  // namespace
}  // namespace afterwrite
