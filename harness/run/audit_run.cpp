#include "harness/run/audit_run.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "harness/run/audit_header.hpp"
#include "harness/run/session_runner.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

// How often whoever leads the run looks whether it should end.
constexpr Duration look_interval = std::chrono::milliseconds(20);

// A system that was started, for as long as this lives.
class RunningDeployment {
 public:
  explicit RunningDeployment(Deployment& deployment) : deployment_(deployment) {
    try {
      deployment_.start();
    } catch (...) {
      deployment_.stop();
      throw;
    }
  }
  RunningDeployment(const RunningDeployment&) = delete;
  RunningDeployment& operator=(const RunningDeployment&) = delete;
  ~RunningDeployment() { deployment_.stop(); }

 private:
  Deployment& deployment_;
};

// Ends a fault play on every path out.
class HealedAtTheEnd {
 public:
  explicit HealedAtTheEnd(FaultPlay* faults) : faults_(faults) {}
  HealedAtTheEnd(const HealedAtTheEnd&) = delete;
  HealedAtTheEnd& operator=(const HealedAtTheEnd&) = delete;
  ~HealedAtTheEnd() { heal(); }

  void heal() noexcept {
    if (faults_ != nullptr) faults_->heal();
    faults_ = nullptr;
  }

 private:
  FaultPlay* faults_;
};

// The session threads of a run: whoever is still busy is told to come back, and waited for.
class SessionThreads {
 public:
  explicit SessionThreads(RunControl& control) : control_(control) {}
  SessionThreads(const SessionThreads&) = delete;
  SessionThreads& operator=(const SessionThreads&) = delete;
  ~SessionThreads() { join(); }

  template <typename Body>
  void add(Body body) {
    threads_.emplace_back(std::move(body));
  }
  std::size_t size() const { return threads_.size(); }

  void join() {
    if (threads_.empty()) return;
    control_.abort(RunEnd::interrupted, "the run was given up");
    threads_.clear();
  }
  void join_departed() { threads_.clear(); }

 private:
  RunControl& control_;
  std::vector<std::jthread> threads_;
};

std::string text_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that says nothing";
  }
}

// One run while the system is up. Built, carried out and taken down by one thread.
class AuditRun {
 public:
  explicit AuditRun(const Plan& plan)
      : plan_(plan),
        control_(plan.scenario.sessions, plan.scenario.operations, plan.scenario.rate),
        recorder_(plan.history, audit_header(plan), clock_, plan.listener,
                  [this](const std::string& why) { control_.abort(RunEnd::recorder_failed, why); }),
        sampler_(
            plan.deployment, clock_, [this](const LagSample& sample) { recorder_.lag(sample); }, plan.timing.sampler),
        surroundings_{
            plan.deployment, recorder_, control_, clock_, plan.scenario.op_timeout, [this] { settle_after_change(); }},
        threads_(control_),
        faults_(plan.faults) {}

  RunResult carry_out();

 private:
  void start_sessions();
  void start_control();
  void start_session(const SessionIdentity& identity);
  void live(const SessionIdentity& identity) noexcept;
  void begin_faults();
  void look();
  bool interrupted();
  void drain();
  void settle();
  void settle_after_change();
  void final_check();
  void take_last_samples();
  RunResult close();

  void tell(RunPhase phase) const {
    if (plan_.on_phase) plan_.on_phase(phase);
  }

  const Plan& plan_;
  const RunClock clock_;
  RunControl control_;
  Recorder recorder_;
  LagSampler sampler_;
  SessionSurroundings surroundings_;
  std::unique_ptr<ReadPolicy> control_policy_;
  bool beats_ = false;
  Clock::time_point begun_{};
  Clock::time_point next_health_{};
  bool lost_system_ = false;
  std::optional<bool> settled_;
  std::mutex checked_mutex_;
  TouchedKeys checked_;  // of all sessions together, guarded by checked_mutex_
  // Taken down in reverse: the faults are healed first, so that nobody hangs on one; then the sessions end, the
  // sampler, the recorder.
  SessionThreads threads_;
  HealedAtTheEnd faults_;
};

RunResult AuditRun::carry_out() {
  beats_ = sampler_.start();
  if (!beats_) {
    control_.note(
        "this system has no beats, so its lag was not sampled: reads at risk are counted from what others saw");
  }
  start_sessions();
  if (plan_.scenario.control) start_control();
  begin_faults();
  begun_ = Clock::now();
  look();
  if (control_.in(Stage::gate)) {
    tell(RunPhase::running);
    control_.start();
  }
  while (!control_.wait_load_ended(look_interval))
    look();
  tell(RunPhase::settling);
  faults_.heal();
  drain();
  settle();
  tell(RunPhase::final_check);
  final_check();
  take_last_samples();
  return close();
}

void AuditRun::start_sessions() {
  const Scenario& scenario = plan_.scenario;
  for (std::size_t ordinal = 0; ordinal < scenario.sessions; ++ordinal) {
    start_session({.name = fmt::format("s{}", ordinal),
                   .user = fmt::format("u{}", ordinal),
                   .ordinal = ordinal,
                   .count = scenario.sessions,
                   .seed = scenario.seed.value_or(0),
                   .policy = &plan_.policy,
                   .labels = {},
                   .counted = true});
  }
}

// The control session stands after all others, where workloads have their readers.
void AuditRun::start_control() {
  if (plan_.deployment.topology().followers().empty()) {
    control_.note("--control: left out, because there are no followers to read from");
    return;
  }
  control_policy_ = make_policy("any-replica");
  start_session({.name = "control-0",
                 .user = "control-0",
                 .ordinal = plan_.scenario.sessions,
                 .count = plan_.scenario.sessions,
                 .seed = plan_.scenario.seed.value_or(0),
                 .policy = control_policy_.get(),
                 .labels = {{"control", "true"}},
                 .counted = false});
}

void AuditRun::start_session(const SessionIdentity& identity) {
  try {
    threads_.add([this, identity] { live(identity); });
  } catch (const std::system_error& error) {
    throw EnvironmentError(fmt::format("session {} cannot have a thread of its own: {}; give fewer --sessions",
                                       identity.name, error.what()));
  }
}

// The whole life of one session thread.
void AuditRun::live(const SessionIdentity& identity) noexcept {
  bool arrived = false;
  try {
    SessionRunner session(surroundings_, identity);
    if (control_.await_start()) plan_.workload.run(session);
    arrived = true;
    control_.arrive(identity.counted);
    if (control_.await_check()) {
      const TouchedKeys keys = session.final_check(Clock::now() + plan_.timing.final_check_within);
      const std::lock_guard lock(checked_mutex_);
      checked_.touched += keys.touched;
      checked_.unread += keys.unread;
    }
  } catch (...) {
    control_.abort(
        RunEnd::session_failed,
        fmt::format("session {} failed, which is a fault of the harness or its workload, not of the system: {}",
                    identity.name, text_of(std::current_exception())));
  }
  if (!arrived) control_.arrive(identity.counted);
  control_.leave();
}

void AuditRun::begin_faults() {
  if (plan_.faults == nullptr) return;
  plan_.faults->begin(
      {.clock = clock_,
       .record = [this](FaultEvent event) { recorder_.fault(std::move(event)); },
       .beat_acknowledged = [this](std::int64_t beat) { return sampler_.ledger().acknowledged_at(beat); }});
}

// Ends the run if there is a reason to.
void AuditRun::look() {
  if (plan_.stop.stop_requested()) control_.abort(RunEnd::interrupted, "stopped by the user");
  const Clock::time_point now = Clock::now();
  if (!lost_system_ && now >= next_health_) {
    next_health_ = now + plan_.timing.health_interval;
    std::string why;
    if (!plan_.deployment.healthy(why)) {
      lost_system_ = true;
      control_.abort(RunEnd::lost_system, fmt::format("the system was lost: {}", why));
    }
  }
  if (!control_.in(Stage::loading)) return;
  const std::optional<Duration> duration = plan_.scenario.duration;
  if (duration && now - begun_ >= *duration) {
    control_.end_load(RunEnd::duration, fmt::format("its {} were over", format_duration(*duration)));
  } else if (plan_.enough && plan_.enough()) {
    control_.end_load(RunEnd::enough, "enough was seen");
  }
}

// For waits on the thread that leads the run.
bool AuditRun::interrupted() {
  look();
  return control_.in(Stage::over);
}

// What is in flight comes back at its own deadline at the latest.
void AuditRun::drain() {
  while (!control_.wait_arrived(threads_.size(), look_interval))
    look();
}

void AuditRun::settle() {
  if (!beats_ || interrupted()) return;
  const std::string missing =
      sampler_.wait_settled(Clock::now() + plan_.timing.settle_within, [this] { return interrupted(); });
  if (control_.in(Stage::over)) return;
  settled_ = missing.empty();
  if (!missing.empty()) {
    control_.note(fmt::format(
        "the lag did not settle within {} after the faults were healed ({}): reads of the final check may be stale "
        "without a write being lost",
        format_duration(plan_.timing.settle_within), missing));
  }
}

// On a session's thread, when the leader has changed.
void AuditRun::settle_after_change() {
  if (!beats_) return;
  const std::string missing = sampler_.wait_settled(Clock::now() + plan_.timing.change_settles_within,
                                                    [this] { return !control_.in(Stage::loading); });
  if (!missing.empty() && control_.in(Stage::loading)) {
    control_.note(
        fmt::format("the lag did not settle within {} after the leader changed; the sessions looked at what they had "
                    "touched all the same",
                    format_duration(plan_.timing.change_settles_within)));
  }
}

void AuditRun::final_check() {
  control_.begin_check();
  while (!control_.wait_left(threads_.size(), look_interval))
    look();
  threads_.join_departed();
  if (checked_.unread > 0) {
    control_.note(
        fmt::format("the final check is incomplete: {} of {} keys did not answer the session that had touched them",
                    checked_.unread, checked_.touched));
  }
}

// A read is at risk by the first sample taken after it: so the last read needs one too.
void AuditRun::take_last_samples() {
  if (!beats_) return;
  const SamplerPace& pace = plan_.timing.sampler;
  sampler_.wait_sampled(clock_.now(), Clock::now() + 2 * (pace.interval + pace.answer_within), [] { return false; });
  sampler_.stop();
  for (const std::string& problem : sampler_.problems())
    control_.note(problem);
}

RunResult AuditRun::close() {
  RunResult result;
  result.ended = control_.ended().value_or(RunEnd::interrupted);
  result.why = control_.why();
  result.lost_system = lost_system_;
  result.settled = settled_;
  result.final_check_done = !control_.in(Stage::over) && checked_.unread == 0;
  for (const std::string& problem : recorder_.problems())
    control_.note(problem);
  result.notes = control_.notes();

  nlohmann::json& footer = result.footer;
  footer["ended"] = to_string(result.ended);
  footer["why"] = result.why;
  footer["lost_system"] = result.lost_system;
  footer["settled"] = result.settled ? nlohmann::json(*result.settled) : nlohmann::json(nullptr);
  footer["final_check"] = {{"done", result.final_check_done}, {"keys", checked_.touched}, {"unread", checked_.unread}};
  footer["load_begin"] = clock_.at(begun_);
  footer["load_end"] = clock_.at(control_.load_end().value_or(begun_));
  footer["notes"] = result.notes;
  recorder_.finish(footer);

  result.operations = recorder_.operations();
  footer["ops"] = recorder_.written();
  if (const std::optional<std::string> error = recorder_.error()) {
    if (result.ended != RunEnd::recorder_failed) result.notes.push_back(*error);
  }
  return result;
}

void refuse_unfit(const Plan& plan) {
  if (std::optional<std::string> why = plan.policy.refusal(plan.deployment.topology())) throw UsageError(*why);
}

}  // namespace

std::string_view to_string(RunPhase phase) {
  switch (phase) {
    case RunPhase::starting:
      return "starting";
    case RunPhase::running:
      return "running";
    case RunPhase::settling:
      return "settling";
    case RunPhase::final_check:
      return "final check";
    case RunPhase::done:
      return "done";
  }
  return "unknown";
}

RunResult run_audit(const Plan& plan) {
  if (plan.on_phase) plan.on_phase(RunPhase::starting);
  RunResult result;
  {
    const RunningDeployment running(plan.deployment);
    refuse_unfit(plan);
    AuditRun run(plan);
    result = run.carry_out();
  }
  if (plan.on_phase) plan.on_phase(RunPhase::done);
  return result;
}

}  // namespace afterwrite
