#include "harness/cli/one_audit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "adapters/http/http.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/concluding.hpp"
#include "harness/cli/dry_run.hpp"
#include "harness/cli/live_judge.hpp"
#include "harness/cli/out_folder.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/systems.hpp"
#include "harness/cli/version.hpp"
#include "harness/history/reader.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/service/service_deployment.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite {

namespace {

/// The faults asked for and, for a system whose replication goes through links, the lag of the whole run.
std::vector<FaultRequest> fault_requests(const Scenario& scenario, bool lag_by_links) {
  std::vector<FaultRequest> requests;
  if (lag_by_links) requests = lag_requests(scenario.lag, scenario.own_followers());
  for (const std::string& text : scenario.faults) {
    const FaultRequest& request = requests.emplace_back(parse_fault(text));
    if (scenario.duration && !request.whole_run && request.start >= *scenario.duration) {
      throw UsageError(fmt::format(
          "--fault {}: the load is over after {}, before that begins; let it begin earlier, or give a longer "
          "--duration",
          text, format_duration(*scenario.duration)));
    }
  }
  return requests;
}

/// What the final judging and the live one ask.
Question question_of(const Scenario& scenario) {
  Question question;
  question.guarantees = asked_guarantees(scenario.guarantees);
  question.scopes = asked_scopes(scenario.scope);
  question.min_at_risk = scenario.min_at_risk;
  if (workload_kind(scenario.workload).views) question.group_by = "route,write,condition";
  return question;
}

std::vector<std::string> assumed_of(const Scenario& scenario, const SystemKind& kind) {
  if (!scenario.assume) return kind.assume;
  asked_assumptions(fmt::format("{}", fmt::join(*scenario.assume, ",")));  // refuses what cannot be
  return *scenario.assume == std::vector<std::string>{"none"} ? std::vector<std::string>{} : *scenario.assume;
}

/// An adapter without it would answer every write with `fail`.
void refuse_without(const Deployment& deployment, const Scenario& scenario) {
  const bool has_views = !deployment.catalogue().empty();
  if (has_views != workload_kind(scenario.workload).views) {
    throw UsageError(has_views ? fmt::format("--workload {}: this system is read through views; the workload views is for it",
                                             scenario.workload)
                               : "--workload views: this system has no views; choose another workload, or the system atproto");
  }
  const Function needed = workload_kind(scenario.workload).lists ? Function::append : Function::write;
  for (const Function function : {Function::read, needed}) {
    if (deployment.offers(function)) continue;
    throw UsageError(fmt::format("--workload {}: needs '{}', which this system does not offer; choose another workload",
                                 scenario.workload, to_string(function)));
  }
}

/// Tells people where a link listens; a line of progress that stands on a terminal is written over.
std::function<void(const std::string&)> announce(bool quiet) {
  if (quiet) return {};
  return
      [](const std::string& line) { say(fmt::format("{}{}\n", takes_escapes(STDERR_FILENO) ? "\r\033[K" : "", line)); };
}

}  // namespace

/// What a run goes on in: made once nothing of this process has a thread any more that was there before the watchdog.
struct OneAudit::Setting {
  FaultProxy proxy;
  std::unique_ptr<Deployment> system;
  std::unique_ptr<ReadPolicy> policy;

  service::ServiceSurroundings surroundings(const std::filesystem::path& folder, const AuditManner& manner, bool log_is_kept) {
    return {.links = proxy,
            .log = folder / "service.log",
            .announce = announce(manner.style == LiveView::Style::none),
            .stop = manner.stop,
            .redact = http::redaction_of(*system),
            .log_is_kept = log_is_kept};
  }
};

OneAudit::OneAudit(Scenario scenario)
    : scenario_(std::move(scenario)), kind_(system_kind(scenario_.system)), question_(question_of(scenario_)) {
  // A misspelt policy is told before anything is started.
  if (!scenario_.read_policy.empty()) make_policy(scenario_.read_policy);
  workload_ = make_workload(scenario_.workload, {scenario_.keys, scenario_.read_delay});
  requests_ = fault_requests(scenario_, kind_.lag_by_links);
  members_ = service::choose_ports(scenario_.service, scenario_.service_file);
  service_ = service::read_service(members_, scenario_.service_file);
  if (scenario_.expect) expected_ = parse_verdict(*scenario_.expect);
  assumed_of(scenario_, kind_);
}

OneAudit::~OneAudit() = default;

std::unique_ptr<OneAudit::Setting> OneAudit::set_up() {
  auto setting = std::make_unique<Setting>();
  const bool replication_links = scenario_.leader_url.empty() && scenario_.endpoint_url.empty();
  setting->system =
      make_system(kind_, scenario_, members_, setting->proxy, needs_client_links(requests_, replication_links));
  if (scenario_.read_policy.empty()) scenario_.read_policy = default_policy(setting->system->topology());
  refuse_without(*setting->system, scenario_);
  setting->policy = make_policy(scenario_.read_policy);
  return setting;
}

void OneAudit::check() {
  const auto setting = set_up();
  service::ServiceDeployment deployment(*setting->system, service_, setting->surroundings({}, {}, /*log_is_kept=*/false));
  if (deployment.topology().nodes.empty()) return;
  refuse_unfit(*setting->policy, requests_, deployment, setting->proxy);
}

ExitCode OneAudit::dry_run(const AuditManner& manner) {
  const auto setting = set_up();
  if (!setting->system->catalogue().empty()) {
    throw UsageError("--dry-run: shows a write and a read of one key, and this system is read through views; leave it out");
  }
  const PrivateFolder passing;
  service::ServiceDeployment deployment(*setting->system, service_, setting->surroundings(passing.path(), manner, /*log_is_kept=*/false));
  return afterwrite::dry_run(scenario_, deployment, *setting->policy,
                             {requests_, setting->proxy, workload_kind(scenario_.workload).lists});
}

OneAudit::Found OneAudit::run(const AuditManner& manner) {
  const auto setting = set_up();
  const OutFolder folder(manner.out, scenario_);
  service::ServiceDeployment deployment(*setting->system, service_, setting->surroundings(folder.path(), manner, /*log_is_kept=*/true));
  Plan plan{.scenario = scenario_,
            .deployment = deployment,
            .workload = *workload_,
            .policy = *setting->policy,
            .proxy = setting->proxy,
            .faults = requests_,
            .history = {},
            .command = {},
            .listener = {},
            .on_phase = {},
            .enough = {},
            .stop = {},
            .timing = {}};
  plan.assume = assumed_of(scenario_, kind_);
  plan.timing.sampler.interval = kind_.sampled_every;
  plan.history = folder.path() / "history.jsonl";
  plan.command = manner.command;
  plan.header_more["afterwrite"] = version;
  if (!question_.group_by.empty()) plan.header_more["group_by"] = question_.group_by;
  plan.stop = manner.stop;
  const RunResult result = carry_out(plan, manner);

  // Everything from here on is made from the recorded file alone.
  Found found;
  found.folder = folder.path();
  found.history = read_history(plan.history);
  found.judgement = judge(found.history, question_);
  // The file has no place for what kept it from being finished.
  if (result.ended == RunEnd::recorder_failed) found.judgement.notes.push_back(result.why);
  found.summary = summary_of(found.history, question_, found.judgement);
  note_silence(found.history, found.summary, found.judgement);
  return found;
}

RunResult OneAudit::carry_out(Plan& plan, const AuditManner& manner) const {
  const bool judge_live =
      manner.fail_fast || plan.scenario.until_at_risk.has_value() || manner.style != LiveView::Style::none;
  Header header;
  header.assume = plan.assume;
  std::optional<LiveJudge> live;
  if (judge_live) live.emplace(header, question_);
  LiveView::Around around{.title = fmt::format("{}, {}", plan.scenario.system, plan.scenario.read_policy),
                          .duration = plan.scenario.duration,
                          .progress = manner.progress};
  LiveView view(
      manner.style, [&] { return live ? live->violations() : 0; }, std::move(around));
  const auto tell = [&](const auto& record) {
    view.take(record);
    if (live) live->take(record);
  };
  plan.listener = {tell, tell, tell};
  plan.on_phase = [&](RunPhase phase) { view.phase(std::string(to_string(phase))); };
  plan.enough = [&] {
    if (!live) return false;
    if (manner.fail_fast && live->violations() > 0) return true;
    return plan.scenario.until_at_risk && live->at_risk() >= *plan.scenario.until_at_risk;
  };
  return run_audit(plan);
}

}  // namespace afterwrite
