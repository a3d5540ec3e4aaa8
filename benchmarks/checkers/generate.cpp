// Writes a history of a register workload on a simulated store: valid, or with a number of planted stale reads.
//
//   generate_history --operations 1000000 [--sessions 50] [--keys 10000] [--writers many|one] [--versions]
//                    [--stale 5] [--info-in 0] [--late-in 0] [--samples] [--seed 1] > history.jsonl
//
// The store is one copy with operations that overlap: each takes effect at a moment between its invocation and its
// completion. The same arguments give the same bytes. A planted stale read returns the version before one that its
// session has written (every second one: has read), where that version was acknowledged before the newer write began:
// each breaks one guarantee and no other. A late read (--late-in) returns an older version too, of which its session
// knows nothing newer: it breaks nothing, and shows that others were at risk. --samples adds lag samples.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fmt/format.h>
#include <iterator>
#include <queue>
#include <string>
#include <vector>

namespace {

struct Wishes {
  std::uint64_t operations = 1'000'000;
  std::uint32_t sessions = 50;
  std::uint32_t keys = 10'000;
  std::string writers = "many";
  bool versions = false;
  std::uint64_t stale = 0;
  std::uint64_t info_in = 0;  ///< one write in so many has an unknown outcome; 0: none
  std::uint64_t late_in = 0;  ///< one read in so many, where it breaks nothing; 0: none
  bool samples = false;       ///< a lag sample of each of two followers every 10 ms
  std::uint64_t seed = 1;
};

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31U)) % bound;
  }

 private:
  std::uint64_t state_;
};

/// One state of a key. Number 0 is the state before anything was written.
struct Version {
  std::uint32_t number = 0;
  std::uint32_t writer = 0;
  std::uint64_t count = 0;  ///< which of the writer's writes it was
  std::int64_t invoke = 0;
  std::int64_t acknowledged = -1;
};

/// A call on its way.
struct Call {
  bool write = false;
  bool unsure = false;
  std::uint32_t key = 0;
  std::int64_t invoke = 0;
  std::int64_t complete = 0;
  Version version;  ///< written or seen
};

/// The highest numbers that one session has written (acknowledged) and read of one key.
struct Marks {
  std::uint32_t written = 0;
  std::uint32_t read = 0;
};

class Simulation {
 public:
  explicit Simulation(const Wishes& wishes)
      : wishes_(wishes),
        random_(wishes.seed),
        keys_(wishes.keys),
        calls_(wishes.sessions),
        writes_(wishes.sessions),
        marks_(static_cast<std::size_t>(wishes.sessions) * wishes.keys) {}

  /// How many stale reads were planted.
  std::uint64_t run() {
    fmt::format_to(
        std::back_inserter(out_),
        "{{\"kind\":\"header\",\"schema\":\"afterwrite.history/1\",\"system\":\"simulated\",\"workload\":\"register\","
        "\"seed\":{},\"assume\":[\"writer-order\",\"realtime-writes\",\"one-clock\"]}}\n",
        wishes_.seed);
    for (std::uint32_t session = 0; session < wishes_.sessions; ++session) {
      invoke(session, 1'000'000 + static_cast<std::int64_t>(random_.below(1'000'000)));
    }
    while (written_ < wishes_.operations) {
      const Event event = events_.top();
      events_.pop();
      if (event.completes) {
        complete(event.session);
      } else {
        take_effect(event.session);
      }
    }
    fmt::format_to(std::back_inserter(out_), "{{\"kind\":\"end\",\"ops\":{}}}\n", written_);
    flush();
    return planted_;
  }

 private:
  struct Event {
    std::int64_t time;
    bool completes;
    std::uint32_t session;
    bool operator>(const Event& other) const { return time > other.time; }
  };

  void invoke(std::uint32_t session, std::int64_t time) {
    Call& call = calls_[session];
    call = {};
    call.key = static_cast<std::uint32_t>(random_.below(wishes_.keys));
    call.write = random_.below(2) == 0;
    if (wishes_.writers == "one" && call.write) call.key = call.key - call.key % wishes_.sessions + session;
    call.key %= wishes_.keys;
    call.unsure = call.write && wishes_.info_in > 0 && random_.below(wishes_.info_in) == 0;
    call.invoke = time;
    const auto latency = static_cast<std::int64_t>(200'000 + random_.below(1'600'000));
    call.complete = time + latency * (call.unsure ? 20 : 1);
    const auto effect = time + 1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(latency) - 2));
    events_.push({effect, false, session});
    events_.push({call.complete, true, session});
  }

  void take_effect(std::uint32_t session) {
    Call& call = calls_[session];
    std::vector<Version>& versions = keys_[call.key];
    if (!call.write) {
      if (versions.empty()) return;
      call.version = versions.back();
      const Marks& marks = marks_[static_cast<std::size_t>(session) * wishes_.keys + call.key];
      const bool late = wishes_.late_in > 0 && random_.below(wishes_.late_in) == 0 && versions.size() > 1;
      if (late && versions[versions.size() - 2].number >= std::max(marks.written, marks.read)) {
        call.version = versions[versions.size() - 2];
      }
      return;
    }
    const std::uint64_t count = writes_[session]++;
    if (call.unsure && random_.below(2) == 0) {  // it never does
      call.version.count = count;
      call.version.writer = session;
      return;
    }
    constexpr std::size_t kept = 16;
    if (versions.size() == 2 * kept) versions.erase(versions.begin(), versions.begin() + kept);
    const std::uint32_t number = versions.empty() ? 1 : versions.back().number + 1;
    versions.push_back({number, session, count, call.invoke, -1});
    call.version = versions.back();
  }

  void complete(std::uint32_t session) {
    Call& call = calls_[session];
    Marks& marks = marks_[static_cast<std::size_t>(session) * wishes_.keys + call.key];
    if (call.write && !call.unsure) {
      for (Version& version : keys_[call.key]) {
        if (version.number == call.version.number) version.acknowledged = call.complete;
      }
      marks.written = call.version.number;
    }
    if (!call.write) {
      if (planted_ < wishes_.stale && written_ >= (planted_ + 1) * wishes_.operations / (wishes_.stale + 1)) {
        plant(call, marks);
      }
      marks.read = std::max(marks.read, call.version.number);
    }
    write(session, call);
    invoke(session, call.complete + static_cast<std::int64_t>(random_.below(500'000)));
  }

  void plant(Call& call, const Marks& marks) {
    const bool own = planted_ % 2 == 0;
    const std::uint32_t newer = own ? marks.written : marks.read;
    if (newer < 2 || (own ? marks.read : marks.written) >= newer) return;
    const std::vector<Version>& versions = keys_[call.key];
    const auto found =
        std::find_if(versions.begin(), versions.end(), [&](const Version& one) { return one.number == newer; });
    if (found == versions.end() || found == versions.begin()) return;
    const Version& older = *(found - 1);
    if (older.acknowledged < 0 || older.acknowledged > found->invoke) return;
    if (wishes_.writers == "one" && older.writer != found->writer) return;
    call.version = older;
    ++planted_;
  }

  void write(std::uint32_t session, const Call& call) {
    auto out = std::back_inserter(out_);
    for (; wishes_.samples && sampled_ <= call.complete; sampled_ += 10'000'000) {
      for (const int node : {1, 2}) {
        fmt::format_to(out,
                       R"({{"kind":"lag","time":{},"node":"node-{}","lag_ms":{},"beat_acknowledged":{}}})"
                       "\n",
                       sampled_, node, 20 * node, std::max<std::int64_t>(0, sampled_ - node * 20'000'000));
      }
    }
    fmt::format_to(
        out, R"({{"kind":"op","i":{},"session":"s{}","user":"u{}","process":"s{}.0","f":"{}","key":"k{}","value":)",
        written_++, session, session, session, call.write ? "write" : "read", call.key);
    const bool something = call.write || call.version.number > 0;
    if (something) {
      fmt::format_to(out, R"("s{}-{}")", call.version.writer, call.version.count);
    } else {
      fmt::format_to(out, "null");
    }
    fmt::format_to(out, R"(,"type":"{}","invoke":{},"complete":{},"node":"node-{}","role":"{}")",
                   call.unsure ? "info" : "ok", call.invoke, call.complete, call.write ? 0 : session % 3,
                   call.write || session % 3 == 0 ? "leader" : "follower");
    if (!call.unsure) {
      if (wishes_.versions && something) {
        fmt::format_to(out, R"(,"version":{},"epoch":1)", call.version.number);
      }
      fmt::format_to(out, R"(,"position":"1/0/{:07X}")", call.complete / 1000);
    }
    fmt::format_to(out, "}}\n");
    if (out_.size() > (1U << 20U)) flush();
  }

  void flush() {
    if (std::fwrite(out_.data(), 1, out_.size(), stdout) != out_.size()) std::exit(1);
    out_.clear();
  }

  const Wishes& wishes_;
  Random random_;
  std::vector<std::vector<Version>> keys_;
  std::vector<Call> calls_;
  std::vector<std::uint64_t> writes_;
  std::vector<Marks> marks_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t written_ = 0;
  std::uint64_t planted_ = 0;
  std::int64_t sampled_ = 0;
  std::string out_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes a history of a simulated store");
  Wishes wishes;
  app.add_option("--operations", wishes.operations);
  app.add_option("--sessions", wishes.sessions)->check(CLI::PositiveNumber);
  app.add_option("--keys", wishes.keys)->check(CLI::PositiveNumber);
  app.add_option("--writers", wishes.writers)->check(CLI::IsMember({"many", "one"}));
  app.add_flag("--versions", wishes.versions);
  app.add_option("--stale", wishes.stale);
  app.add_option("--info-in", wishes.info_in);
  app.add_option("--late-in", wishes.late_in);
  app.add_flag("--samples", wishes.samples);
  app.add_option("--seed", wishes.seed);
  CLI11_PARSE(app, argc, argv);
  const std::uint64_t planted = Simulation(wishes).run();
  if (planted == wishes.stale) return 0;
  fmt::print(stderr, "only {} of {} stale reads found a place; ask for more operations a key\n", planted, wishes.stale);
  return 1;
}
