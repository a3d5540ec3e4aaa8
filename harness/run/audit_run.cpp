#include "harness/run/audit_run.hpp"

#include <fmt/format.h>

#include "harness/run/audit_header.hpp"
#include "harness/run/conditions.hpp"
#include "harness/run/fault_play.hpp"
#include "harness/run/session_threads.hpp"
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

// One run while the system is up. Built, carried out and taken down by one thread.
class AuditRun {
 public:
  explicit AuditRun(const Plan& plan)
      : plan_(plan),
        control_(plan.scenario.sessions, plan.scenario.operations, plan.scenario.rate),
        nemesis_(plan.faults, plan.deployment, plan.proxy, clock_, nemesis_listener()),
        recorder_(plan.history, audit_header(plan), clock_, plan.listener,
                  [this](const std::string& why) { control_.abort(RunEnd::recorder_failed, why); }),
        sampler_(
            plan.deployment, clock_,
            [this](const LagSample& sample, std::optional<Nanoseconds> shown) {
              recorder_.lag(sample);
              conditions_.take(sample, shown);
            },
            plan.timing.sampler),
        surroundings_{
            plan.deployment, recorder_,  control_, clock_, plan.scenario.op_timeout, [this] { settle_after_change(); },
            &conditions_},
        sessions_(surroundings_, plan.workload, plan.scenario, plan.timing.final_check_within),
        faults_(nemesis_, control_) {}

  RunResult carry_out();

 private:
  NemesisListener nemesis_listener();
  void start_sessions();
  void await_first_beats();
  void look();
  void watch_over_system(Clock::time_point now);
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
  Conditions conditions_{clock_};
  Nemesis nemesis_;
  Recorder recorder_;
  LagSampler sampler_;
  SessionSurroundings surroundings_;
  bool beats_ = false;
  Clock::time_point begun_{};
  Clock::time_point next_health_{};
  bool lost_system_ = false;
  std::optional<bool> settled_;
  TouchedKeys checked_;
  bool final_check_done_ = false;
  // Taken down in reverse: the faults are healed first, so that nobody hangs on one; then the sessions end, the
  // sampler, and the recorder.
  SessionThreads sessions_;
  FaultPlay faults_;
};

RunResult AuditRun::carry_out() {
  beats_ = sampler_.start();
  if (!beats_) {
    control_.note(
        "this system has no beats, so its lag was not sampled: reads at risk are counted from what others saw");
  }
  const nlohmann::json deployment = plan_.deployment.describe();
  for (const nlohmann::json& note : deployment.value("notes", nlohmann::json::array()))
    control_.note(note.get<std::string>());
  await_first_beats();
  start_sessions();
  faults_.begin();
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

// A node that shows no beat before anything is done to it cannot show how far it is behind.
void AuditRun::await_first_beats() {
  if (!beats_) return;
  const Deadline deadline = Clock::now() + plan_.timing.beat_shown_within;
  const auto silent = sampler_.wait_shown(deadline, [this] { return interrupted(); });
  if (silent.empty() || interrupted()) return;
  control_.note(fmt::format("no beat was shown within {} by {}: until one is, nothing is known of the lag there, and it puts no read at "
                            "risk; see that beats are written where they are read",
                            format_duration(plan_.timing.beat_shown_within), fmt::join(silent, ", ")));
}

// Of a change of leader nothing needs to be passed on: before each write a session looks who leads.
NemesisListener AuditRun::nemesis_listener() {
  return {.record =
              [this](FaultEvent event) {
                conditions_.take(event);
                recorder_.fault(std::move(event));
              },
          .turning = [this](const std::string& fault) { conditions_.turning(fault); },
          .beat_acknowledged = [this](std::int64_t beat) -> std::optional<Nanoseconds> {
            // A beat that arrived although its acknowledgement did not is dated by the one before it.
            const std::optional<BeatLedger::Entry> entry = sampler_.ledger().newest_up_to(beat);
            if (!entry) return std::nullopt;
            return entry->acknowledged;
          },
          .on_leader_change = {}};
}

void AuditRun::start_sessions() {
  sessions_.start(plan_.policy);
  if (!plan_.scenario.control) return;
  if (plan_.deployment.topology().followers().empty()) {
    control_.note("--control: left out, because there are no followers to read from");
    return;
  }
  sessions_.start_control();
}

// Ends the run if there is a reason to.
void AuditRun::look() {
  if (plan_.stop.stop_requested()) control_.abort(RunEnd::interrupted, "stopped by the user");
  const Clock::time_point now = Clock::now();
  watch_over_system(now);
  if (!control_.in(Stage::loading)) return;
  const std::optional<Duration> duration = plan_.scenario.duration;
  if (duration && now - begun_ >= *duration) {
    control_.end_load(RunEnd::duration, fmt::format("its {} were over", format_duration(*duration)));
  } else if (plan_.enough && plan_.enough()) {
    control_.end_load(RunEnd::enough, "enough was seen");
  }
}

void AuditRun::watch_over_system(Clock::time_point now) {
  if (lost_system_ || now < next_health_) return;
  next_health_ = now + plan_.timing.health_interval;
  std::string why;
  if (plan_.deployment.healthy(why)) return;
  lost_system_ = true;
  const std::string text = fmt::format("the system was lost: {}", why);
  control_.abort(RunEnd::lost_system, text);
  if (control_.ended() != RunEnd::lost_system) control_.note(text);
}

// For waits on the thread that leads the run.
bool AuditRun::interrupted() {
  look();
  return control_.in(Stage::over);
}

// What is in flight comes back at its own deadline at the latest.
void AuditRun::drain() {
  while (!control_.wait_arrived(sessions_.size(), look_interval))
    look();
}

void AuditRun::settle() {
  if (!beats_ || interrupted()) return;
  const Deadline deadline = Clock::now() + plan_.timing.settle_within;
  const std::string missing = sampler_.wait_settled(deadline, [this] { return interrupted(); });
  if (control_.in(Stage::over)) return;
  settled_ = missing.empty();
  if (missing.empty()) return;
  control_.note(
      fmt::format("the lag did not settle within {} after the faults were healed ({}): reads of the final "
                  "check may be stale without a write being lost",
                  format_duration(plan_.timing.settle_within), missing));
}

// On a session's thread, when the leader has changed.
void AuditRun::settle_after_change() {
  if (!beats_) return;
  const Deadline deadline = Clock::now() + plan_.timing.change_settles_within;
  const auto load_ended = [this] { return !control_.in(Stage::loading); };
  if (sampler_.wait_settled(deadline, load_ended).empty() || load_ended()) return;
  control_.note(
      fmt::format("the lag did not settle within {} after the leader changed; the sessions looked at what "
                  "they had touched all the same",
                  format_duration(plan_.timing.change_settles_within)));
}

void AuditRun::final_check() {
  control_.begin_check();
  while (!control_.wait_left(sessions_.size(), look_interval))
    look();
  checked_ = sessions_.join();
  final_check_done_ = !control_.in(Stage::over) && checked_.unread == 0;
  // However short the check was: a node that ended during it is no system that came through.
  next_health_ = {};
  watch_over_system(Clock::now());
  if (checked_.unread == 0) return;
  control_.note(
      fmt::format("the final check is incomplete: {} of {} keys did not answer the session that had touched "
                  "them",
                  checked_.unread, checked_.touched));
}

// A read is at risk by the first sample taken after it: so the last read needs one too.
void AuditRun::take_last_samples() {
  if (!beats_) return;
  const SamplerPace& pace = plan_.timing.sampler;
  const Deadline deadline = Clock::now() + 2 * (pace.interval + pace.answer_within);
  sampler_.wait_sampled(clock_.now(), deadline, [] { return false; });
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
  result.final_check_done = final_check_done_;
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
  if (const std::optional<std::string> error = recorder_.error(); error && *error != result.why) {
    control_.note(*error);
    result.notes = control_.notes();
  }
  return result;
}

}  // namespace

// Asks a nemesis that never plays: the one of the run has a history to write to.
void refuse_unfit(const ReadPolicy& policy, const std::vector<FaultRequest>& faults, Deployment& deployment,
                  FaultProxy& proxy) {
  if (const auto why = policy.refusal(deployment.topology())) throw UsageError(*why);
  Nemesis(faults, deployment, proxy, RunClock{}, {}).check();
}

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
  const auto refuse = [&] { refuse_unfit(plan.policy, plan.faults, plan.deployment, plan.proxy); };
  // What cannot work is refused without a wait, where that is known.
  if (!plan.deployment.topology().nodes.empty()) refuse();
  if (plan.on_phase) plan.on_phase(RunPhase::starting);
  RunResult result;
  {
    const RunningDeployment running(plan.deployment);
    refuse();  // before a file is opened
    AuditRun run(plan);
    result = run.carry_out();
  }
  if (plan.on_phase) plan.on_phase(RunPhase::done);
  return result;
}

}  // namespace afterwrite
