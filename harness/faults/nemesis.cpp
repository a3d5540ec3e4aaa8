#include "harness/faults/nemesis.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <utility>

#include "harness/faults/fault_kinds.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

// Does not let an exception out, whatever becomes of the rest.
template <class Action>
void regardless(Action action) noexcept {
  try {
    action();
  } catch (...) {  // NOLINT(bugprone-empty-catch): on the way out there is no one left to tell
  }
}

}  // namespace

Nemesis::Nemesis(std::vector<FaultRequest> requests, Deployment& deployment, FaultProxy& proxy, RunClock clock,
                 NemesisListener listener)
    : deployment_(deployment),
      clock_(clock),
      listener_(std::move(listener)),
      links_(proxy),
      scene_{deployment_, links_, targets_, down_} {
  std::map<std::string, int> numbers;
  for (FaultRequest& request : requests) {
    const FaultKind& kind = fault_kind(request.name, spelled(request));
    std::string episode = fmt::format("{}-{}", kind.name, ++numbers[request.name]);
    Episode& added = episodes_.emplace_back();
    added.fault = kind.make(std::move(request), std::move(episode));
  }
}

Nemesis::~Nemesis() {
  heal_all();
}

void Nemesis::check() {
  const Topology topology = deployment_.topology();
  targets_ = Targets(topology, deployment_.named_links());
  std::size_t failovers = 0;
  for (const Episode& episode : episodes_) {
    episode.fault->check(scene_);
    if (episode.fault->request().name == "failover" && ++failovers > topology.followers().size()) {
      throw UsageError(fmt::format("{}: each failover uses up a node, and the system has {} follower{} for {} of them",
                                   spelled(episode.fault->request()), topology.followers().size(),
                                   topology.followers().size() == 1 ? "" : "s", failovers));
    }
  }
  refuse_overlapping_failovers();
  checked_ = true;
}

// The second would cut and name a leader that the first is about to kill.
void Nemesis::refuse_overlapping_failovers() const {
  std::vector<const Fault*> failovers;
  for (const Episode& episode : episodes_) {
    if (episode.fault->request().name == "failover") failovers.push_back(episode.fault.get());
  }
  const auto start = [](const Fault* fault) { return fault->request().start; };
  std::sort(failovers.begin(), failovers.end(), [&](const Fault* a, const Fault* b) { return start(a) < start(b); });
  for (std::size_t i = 1; i < failovers.size(); ++i) {
    const Fault& before = *failovers[i - 1];
    if (start(failovers[i]) > before.finish_at(start(&before)).value_or(start(&before))) continue;
    throw UsageError(fmt::format("{}: begins while {} is under way (its cut comes first, then the leader is killed); let it begin later",
                                 spelled(failovers[i]->request()), spelled(before.request())));
  }
}

void Nemesis::begin_whole_run() {
  if (!checked_) check();
  if (playing_) return;
  playing_ = true;
  origin_ = Clock::now();
  for (std::size_t i = 0; i < episodes_.size(); ++i) {
    const FaultRequest& request = episodes_[i].fault->request();
    if (!request.whole_run) due_.insert({request.start, true, i});
  }
  for (std::size_t i = 0; i < episodes_.size(); ++i) {
    if (episodes_[i].fault->request().whole_run) start(i);
  }
}

void Nemesis::run(const std::stop_token& stop) {
  begin_whole_run();
  while (!due_.empty()) {
    const Due next = *due_.begin();
    if (!wait_until(next.time, stop)) return;
    due_.erase(due_.begin());
    if (next.start) {
      start(next.index);
    } else {
      finish(next.index);
    }
  }
}

// False if a stop was requested before, or even when, the time came.
bool Nemesis::wait_until(Duration time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  // Far-off times would overflow; it is asked again long before any run ends.
  const auto until = origin_ + std::min<Duration>(time, std::chrono::hours(24 * 365));
  stopped.wait_until(lock, stop, until, [] { return false; });
  return !stop.stop_requested();
}

void Nemesis::start(std::size_t index) {
  Episode& episode = episodes_[index];
  Fault& fault = *episode.fault;
  episode.state = State::on;
  episode.began = clock_.now();
  begun_.push_back(index);
  turn(episode);
  const Duration began = played();

  FaultReport report;
  std::string error;
  try {
    report = fault.start(scene_);
  } catch (const std::exception& failure) {
    error = failure.what();
    regardless([&] { report.targets = {targets_.name(fault.request(), deployment_.topology())}; });
  }
  episode.targets = std::move(report.targets);
  const FaultRequest& request = fault.request();
  const std::optional<Duration> end = fault.finish_at(began);
  nlohmann::json detail{{"asked", request.text}};
  if (!request.target.empty()) detail["target"] = request.target;
  if (request.whole_run) detail["whole_run"] = true;
  if (end) detail["duration_ms"] = in_milliseconds(*end - request.start);
  detail.update(report.detail);
  record(episode, "start", episode.began, std::move(detail));
  if (!error.empty()) {
    episode.failed = true;
    prove(episode, {{"bit", false}, {"error", error}});
    heal(episode, false);  // it may have come half-way
    return;
  }
  if (!report.proof.is_null()) prove(episode, std::move(report.proof));
  if (end == began) return finish(index);  // nothing may come between
  if (end) due_.insert({*end, false, index});
}

void Nemesis::finish(std::size_t index) {
  Episode& episode = episodes_[index];
  if (episode.state != State::on) return;
  turn(episode);
  FaultReport report;
  try {
    report = episode.fault->finish(scene_);
  } catch (const std::exception& error) {
    // It stays on, and is healed once more at the end of the run.
    episode.error = error.what();
    return;
  }
  const bool links = report.links_changed;
  const bool leader = report.leader_changed;
  episode.state = State::over;
  // First what is still on, so that a follower never runs free of its lag for longer than need be.
  if (links) links_changed();
  ended(episode, std::move(report));
  if (leader && listener_.on_leader_change) listener_.on_leader_change();
}

void Nemesis::heal(Episode& episode, bool last_try) {
  turn(episode);
  FaultReport report;
  try {
    report = episode.fault->heal(scene_);
  } catch (const std::exception& error) {
    episode.error = error.what();
    if (!last_try) return;
    report.detail["healed"] = false;
  }
  if (!episode.error.empty()) report.detail["error"] = episode.error;
  episode.state = State::over;
  ended(episode, std::move(report));
}

void Nemesis::heal_all() noexcept {
  for (auto index = begun_.rbegin(); index != begun_.rend(); ++index) {
    Episode& episode = episodes_[*index];
    if (episode.state == State::on) regardless([&] { heal(episode, true); });
  }
  begun_.clear();
  due_.clear();
  links_.lift_everything();
  if (!playing_) return;
  for (Episode& episode : episodes_) {
    if (episode.state == State::waiting) regardless([&] { give_up(episode); });
  }
}

// A fault that never came about is no fault that was survived.
void Nemesis::give_up(Episode& episode) {
  episode.state = State::over;
  episode.began = clock_.now();
  const FaultRequest& request = episode.fault->request();
  if (!request.target.empty()) {
    regardless([&] { episode.targets = {targets_.name(request, deployment_.topology())}; });
  }
  record(episode, "proof", episode.began,
         {{"asked", request.text},
          {"bit", false},
          {"error", fmt::format("the run ended before {}, when it was due", format_duration(request.start))}});
  record(episode, "end", clock_.now(), nlohmann::json::object());
}

void Nemesis::ended(Episode& episode, FaultReport report) {
  if (!report.proof.is_null() && !episode.failed) prove(episode, std::move(report.proof));
  const Nanoseconds now = clock_.now();
  report.detail["lasted_ms"] = in_milliseconds(Duration{now - episode.began});
  record(episode, "end", now, std::move(report.detail));
}

void Nemesis::prove(const Episode& episode, nlohmann::json proof) {
  const auto beat = proof.find("beat");
  if (beat != proof.end() && beat->is_number_integer() && listener_.beat_acknowledged) {
    if (const auto time = listener_.beat_acknowledged(beat->get<std::int64_t>())) proof["beat_acknowledged"] = *time;
  }
  record(episode, "proof", clock_.now(), std::move(proof));
}

void Nemesis::record(const Episode& episode, const char* phase, Nanoseconds time, nlohmann::json detail) {
  FaultEvent event;
  event.time = time;
  event.fault = episode.fault->request().name;
  event.phase = phase;
  event.episode = episode.fault->episode();
  event.targets = episode.targets;
  event.detail = std::move(detail);
  if (listener_.record) listener_.record(std::move(event));
}

void Nemesis::links_changed() {
  for (const std::size_t index : begun_) {
    Episode& episode = episodes_[index];
    if (episode.state != State::on) continue;
    try {
      episode.fault->follow(scene_);
    } catch (const std::exception& error) {
      prove(episode, {{"bit", false}, {"error", error.what()}});
    }
  }
}

}  // namespace afterwrite
