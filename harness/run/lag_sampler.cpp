#include "harness/run/lag_sampler.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace afterwrite {
namespace {

double in_milliseconds(Nanoseconds nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e6;
}

// How often a wait looks whether it was interrupted.
constexpr Duration look_again = std::chrono::milliseconds(20);

}  // namespace

LagSampler::LagSampler(Deployment& deployment, RunClock clock, Sink sink, SamplerPace pace)
    : deployment_(deployment), clock_(clock), sink_(std::move(sink)), pace_(pace) {}

LagSampler::~LagSampler() {
  stop();
}

bool LagSampler::start() {
  const Topology topology = deployment_.topology();
  std::shared_ptr<Beat> writer = deployment_.open_beat();
  if (!writer) return false;
  std::vector<std::shared_ptr<Beat>> readers;
  for (const Node& node : topology.nodes) {
    readers.push_back(deployment_.open_beat());
    if (!readers.back()) return false;
    seen_[node.name] = {};
  }
  // Each thread owns its beat from here on: shared pointers only because std::function and threads copy.
  threads_.emplace_back([this, writer = std::move(writer)](std::stop_token stop) mutable {
    guarded("writing beats", [&] { write_beats(stop, *writer); });
    writer.reset();
  });
  for (std::size_t i = 0; i < topology.nodes.size(); ++i) {
    threads_.emplace_back([this, node = topology.nodes[i], beat = std::move(readers[i])](std::stop_token stop) mutable {
      guarded("sampling the lag of " + node.name, [&] { sample_node(stop, node, *beat); });
      beat.reset();
    });
  }
  return true;
}

void LagSampler::stop() noexcept {
  for (std::jthread& thread : threads_)
    thread.request_stop();
  for (std::jthread& thread : threads_)
    thread.join();
  threads_.clear();
}

void LagSampler::guarded(const std::string& doing, const std::function<void()>& body) {
  std::string why;
  try {
    body();
    return;
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
    why = "an exception that says nothing";
  }
  const std::lock_guard lock(mutex_);
  problems_.push_back(fmt::format("{} stopped: {}", doing, why));
}

// Waits for the next tick; ticks that were missed are left out. False once the sampler is told to stop.
bool LagSampler::wait_tick(std::stop_token stop, Clock::time_point& tick) {
  tick = std::max(tick + pace_.interval, Clock::now());
  std::unique_lock lock(mutex_);
  return !sampled_.wait_until(lock, stop, tick, [&] { return stop.stop_requested(); });
}

void LagSampler::write_beats(std::stop_token stop, Beat& beat) {
  Clock::time_point tick = Clock::now();
  do {
    const std::int64_t number = issued_.fetch_add(1) + 1;
    if (beat.write(number, Clock::now() + pace_.answer_within)) ledger_.acknowledge(number, clock_.now());
  } while (wait_tick(stop, tick));
}

void LagSampler::sample_node(std::stop_token stop, const Node& node, Beat& beat) {
  Clock::time_point tick = Clock::now();
  do {
    const Topology now = deployment_.topology();
    const auto found =
        std::find_if(now.nodes.begin(), now.nodes.end(), [&](const Node& n) { return n.name == node.name; });
    const bool replaced = found == now.nodes.end() || (found->role == Role::unknown && node.role != Role::unknown);
    {
      const std::lock_guard lock(mutex_);
      seen_[node.name].asking = !replaced;
    }
    if (!replaced) ask(node.name, beat);
    sampled_.notify_all();
  } while (wait_tick(stop, tick));
}

void LagSampler::ask(const std::string& node, Beat& beat) {
  LagSample sample;
  sample.node = node;
  sample.time = clock_.now();
  const std::optional<std::int64_t> visible = beat.visible(node, Clock::now() + pace_.answer_within);
  bool shown = visible && *visible > 0;
  {
    const std::lock_guard lock(mutex_);
    shown = shown || seen_[node].shown;
  }
  sample.reachable = visible && shown;
  std::optional<BeatLedger::Entry> newest;
  if (sample.reachable) {
    newest = ledger_.newest_up_to(*visible);
    // A beat acknowledged only after the node was asked says nothing of how old its answer was.
    const std::optional<BeatLedger::Entry> oldest = ledger_.oldest_beyond(*visible);
    if (oldest && oldest->acknowledged < sample.time) {
      sample.beat_acknowledged = oldest->acknowledged;
      sample.lag_ms = in_milliseconds(sample.time - oldest->acknowledged);
    }
  }
  sink_(sample, newest ? std::optional(newest->acknowledged) : std::nullopt);
  const std::lock_guard lock(mutex_);
  Seen& seen = seen_[node];
  seen.asked = sample.time;
  seen.answered = visible.has_value();
  seen.shown = shown;
  if (visible) seen.visible = *visible;
}

// What keeps the lag from having settled since the beat `issued_before` was sent; empty if nothing does.
std::string LagSampler::unsettled(std::int64_t issued_before) const {
  const std::optional<BeatLedger::Entry> beat = ledger_.oldest_beyond(issued_before);
  if (!beat) return "the leader acknowledged no beat";
  const Topology topology = deployment_.topology();
  const std::lock_guard lock(mutex_);
  for (const std::string& node : topology.followers()) {
    const auto found = seen_.find(node);
    if (found == seen_.end()) continue;
    const Seen& seen = found->second;
    if (seen.asked < beat->acknowledged) return fmt::format("{} was not asked", node);
    if (seen.answered && seen.visible < beat->number) {
      return fmt::format("{} still did not show a beat that was acknowledged {:.0f} ms before", node,
                         in_milliseconds(clock_.now() - beat->acknowledged));
    }
  }
  return {};
}

std::string LagSampler::wait_settled(Deadline deadline, const std::function<bool()>& interrupted) const {
  const std::int64_t issued_before = issued_.load();
  for (;;) {
    std::string missing = unsettled(issued_before);
    if (missing.empty() || interrupted() || Clock::now() >= deadline) return missing;
    std::unique_lock lock(mutex_);
    sampled_.wait_until(lock, std::min(deadline, Clock::now() + look_again));
  }
}

// Those that answer, or were not asked yet, and have shown no beat.
std::vector<std::string> LagSampler::not_shown() const {
  std::vector<std::string> nodes;
  const std::lock_guard lock(mutex_);
  for (const auto& [node, seen] : seen_) {
    if (seen.asking && !seen.shown && (seen.answered || seen.asked < 0)) nodes.push_back(node);
  }
  return nodes;
}

std::vector<std::string> LagSampler::wait_shown(Deadline deadline, const std::function<bool()>& interrupted) const {
  for (;;) {
    std::vector<std::string> missing = not_shown();
    if (missing.empty() || interrupted() || Clock::now() >= deadline) return missing;
    std::unique_lock lock(mutex_);
    sampled_.wait_until(lock, std::min(deadline, Clock::now() + look_again));
  }
}

bool LagSampler::wait_sampled(Nanoseconds time, Deadline deadline, const std::function<bool()>& interrupted) const {
  for (;;) {
    std::unique_lock lock(mutex_);
    const bool all = std::all_of(seen_.begin(), seen_.end(),
                                 [&](const auto& entry) { return !entry.second.asking || entry.second.asked >= time; });
    if (all) return true;
    if (interrupted() || Clock::now() >= deadline) return false;
    sampled_.wait_until(lock, std::min(deadline, Clock::now() + look_again));
  }
}

std::vector<std::string> LagSampler::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

}  // namespace afterwrite
