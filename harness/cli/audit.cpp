#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>

#include "adapters/http/http.hpp"
#include "checkers/judge.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/audit_flags.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/dry_run.hpp"
#include "harness/cli/interrupts.hpp"
#include "harness/cli/live_judge.hpp"
#include "harness/cli/live_view.hpp"
#include "harness/cli/out_folder.hpp"
#include "harness/cli/presenting.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/systems.hpp"
#include "harness/cli/version.hpp"
#include "harness/faults/fault_request.hpp"
#include "harness/history/reader.hpp"
#include "harness/history/text.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/process/watchdog.hpp"
#include "harness/run/audit_run.hpp"
#include "harness/service/service_deployment.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "results/report_files.hpp"
#include "results/run_summary.hpp"
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
      throw UsageError(fmt::format("--fault {}: the load is over after {}, before that begins; let it begin earlier, or give a longer "
                                   "--duration", text, format_duration(*scenario.duration)));
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
  return question;
}

std::vector<std::string> assumed_of(const Scenario& scenario, const SystemKind& kind) {
  if (!scenario.assume) return kind.assume;
  asked_assumptions(fmt::format("{}", fmt::join(*scenario.assume, ",")));  // refuses what cannot be
  return *scenario.assume == std::vector<std::string>{"none"} ? std::vector<std::string>{} : *scenario.assume;
}

/// An adapter without it would answer every write with `fail`.
void refuse_without(const Deployment& deployment, const Scenario& scenario) {
  const Function needed = workload_kind(scenario.workload).lists ? Function::append : Function::write;
  for (const Function function : {Function::read, needed}) {
    if (deployment.offers(function)) continue;
    throw UsageError(fmt::format("--workload {}: needs '{}', which this system does not offer; choose another workload", scenario.workload,
                                 to_string(function)));
  }
}

/// Tells people where a link listens; a line of progress that stands on a terminal is written over.
std::function<void(const std::string&)> announce(bool quiet) {
  if (quiet) return {};
  return [](const std::string& line) { say(fmt::format("{}{}\n", isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "", line)); };
}

/// That not one read gave a value: said loudly, for then nothing else that is reported says anything of the system.
std::optional<std::string> reads_without_value(const RunSummary& summary) {
  std::uint64_t reads = 0;
  for (const FunctionSummary& function : summary.functions) {
    if (function.function != Function::read) continue;
    if (function.outcomes.ok > 0) return std::nullopt;
    reads += function.outcomes.all();
  }
  if (reads == 0) return std::nullopt;
  return fmt::format("NOT ONE of {} was answered with a value, so nothing was found out; `afterwrite audit ... --dry-run` shows what is "
                     "sent and answered",
                     counted(reads, "read"));
}

class AuditCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("audit", "Drive a system, inject faults, record, judge and report");
    flags_.add_to(*parser);
    return parser;
  }

  ExitCode run(const CommandLine& typed) override {
    Scenario scenario = flags_.scenario();
    const Question question = question_of(scenario);
    const SystemKind& kind = system_kind(scenario.system);
    // A misspelt policy is told before anything is started.
    if (!scenario.read_policy.empty()) make_policy(scenario.read_policy);
    const auto workload = make_workload(scenario.workload, {scenario.keys, scenario.read_delay});
    const auto requests = fault_requests(scenario, kind.lag_by_links);
    const service::WithPorts members = service::choose_ports(scenario.service, scenario.service_file);
    const service::ServiceSpec service = service::read_service(members, scenario.service_file);
    const bool replication_links = scenario.leader_url.empty() && scenario.endpoint_url.empty();
    const std::optional<Verdict> expected =
        scenario.expect ? parse_verdict(*scenario.expect) : std::optional<Verdict>{};

    // Nothing of this process may have a thread before the watchdog is forked and the signals are blocked.
    Watchdog::instance().start();
    const Interrupts interrupts;
    sweep_leftovers();
    FaultProxy proxy;
    const auto system = make_system(kind, scenario, members, proxy, needs_client_links(requests, replication_links));
    if (scenario.read_policy.empty()) scenario.read_policy = default_policy(system->topology());
    refuse_without(*system, scenario);
    const auto policy = make_policy(scenario.read_policy);
    const auto with_service = [&](const std::filesystem::path& folder, bool kept) {
      return service::ServiceSurroundings{.links = proxy,
                                          .log = folder / "service.log",
                                          .announce = announce(flags_.quiet),
                                          .stop = interrupts.token(),
                                          .redact = http::redaction_of(*system),
                                          .log_is_kept = kept};
    };
    if (flags_.dry_run) {
      const PrivateFolder passing;
      service::ServiceDeployment deployment(*system, service, with_service(passing.path(), false));
      return dry_run(scenario, deployment, *policy, {requests, proxy, workload_kind(scenario.workload).lists});
    }
    const OutFolder folder(flags_.out, scenario);
    service::ServiceDeployment deployment(*system, service, with_service(folder.path(), true));

    Plan plan{.scenario = scenario,
              .deployment = deployment,
              .workload = *workload,
              .policy = *policy,
              .proxy = proxy,
              .faults = requests,
              .history = {},
              .command = {},
              .listener = {},
              .on_phase = {},
              .enough = {},
              .stop = {},
              .timing = {}};
    plan.assume = assumed_of(scenario, kind);
    plan.history = folder.path() / "history.jsonl";
    plan.command = as_typed(typed);
    plan.header_more["afterwrite"] = version;
    plan.stop = interrupts.token();
    const RunResult result = carry_out(plan, question);
    return conclude_run(plan, result, question, folder.path(), expected);
  }

 private:
  RunResult carry_out(Plan& plan, const Question& question) const {
    const LiveView::Style style = LiveView::style_for(flags_.quiet);
    const bool judge_live =
        flags_.fail_fast || plan.scenario.until_at_risk.has_value() || style != LiveView::Style::none;
    Header header;
    header.assume = plan.assume;
    std::optional<LiveJudge> live;
    if (judge_live) live.emplace(header, question);
    LiveView view(style, [&] { return live ? live->violations() : 0; });
    const auto tell = [&](const auto& record) {
      view.take(record);
      if (live) live->take(record);
    };
    plan.listener = {tell, tell, tell};
    plan.on_phase = [&](RunPhase phase) { view.phase(std::string(to_string(phase))); };
    plan.enough = [&] {
      if (!live) return false;
      if (flags_.fail_fast && live->violations() > 0) return true;
      return plan.scenario.until_at_risk && live->at_risk() >= *plan.scenario.until_at_risk;
    };
    return run_audit(plan);
  }

  /// Everything from here on is made from the recorded file alone.
  ExitCode conclude_run(const Plan& plan, const RunResult& result, const Question& question,
                        const std::filesystem::path& folder, const std::optional<Verdict>& expected) const {
    const History history = read_history(plan.history);
    Judgement judgement = judge(history, question);
    // The file has no place for what kept it from being finished.
    if (result.ended == RunEnd::recorder_failed) judgement.notes.push_back(result.why);
    const RunSummary summary = summarise(history);
    if (const auto silence = reads_without_value(summary)) judgement.notes.push_back(*silence);
    std::optional<std::string> unwritten;
    try {
      write_reports(folder, history, judgement, summary);
    } catch (const std::runtime_error& error) {
      unwritten = error.what();
    }
    present(history, judgement, {flags_.json, unwritten ? std::filesystem::path{} : folder});
    if (unwritten) say(fmt::format("afterwrite: {}\n", *unwritten));
    return exit_code(judgement.verdict, expected);
  }

  AuditFlags flags_;
};

}  // namespace

std::unique_ptr<Subcommand> make_audit_command() { return std::make_unique<AuditCommand>(); }

}  // namespace afterwrite
