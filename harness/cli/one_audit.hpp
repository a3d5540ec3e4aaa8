#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "checkers/judge.hpp"
#include "harness/cli/exit_code.hpp"
#include "harness/cli/live_view.hpp"
#include "harness/cli/systems.hpp"
#include "harness/faults/fault_request.hpp"
#include "harness/run/audit_run.hpp"
#include "harness/run/scenario.hpp"
#include "harness/service/service_spec.hpp"
#include "harness/session/workload.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// How an audit is carried out and watched.
struct AuditManner {
  std::string out;      ///< the folder for history and reports; empty: ./afterwrite-runs/<time>-<system>-<policy>
  std::string command;  ///< as the user typed it
  LiveView::Style style = LiveView::Style::none;
  std::function<std::string()> progress = {};  ///< of all runs, for the live view, where this is one of several
  bool fail_fast = false;                      ///< end the load at the first violation
  std::stop_token stop;
};

/// One audit, from a scenario to a judged history in a folder. Belongs to one thread.
class OneAudit {
 public:
  /// Checks what can be checked before anything is started. Starts no thread. Throws UsageError.
  explicit OneAudit(Scenario scenario);
  OneAudit(const OneAudit&) = delete;
  OneAudit& operator=(const OneAudit&) = delete;
  ~OneAudit();

  const Question& question() const { return question_; }
  const std::optional<Verdict>& expected() const { return expected_; }

  const Scenario& scenario() const { return scenario_; }

  // These need the watchdog to be started and the signals blocked, and throw UsageError and EnvironmentError. One of
  // them may be called, once.

  /// Checks what can be known of the system before it is started. Of an adapter (exec) that starts one process.
  void check();
  ExitCode dry_run(const AuditManner& manner);

  /// What was recorded and found.
  struct Found {
    std::filesystem::path folder;
    History history;
    Judgement judgement;
    RunSummary summary;
  };
  Found run(const AuditManner& manner);

 private:
  struct Setting;
  std::unique_ptr<Setting> set_up();
  RunResult carry_out(Plan& plan, const AuditManner& manner) const;

  Scenario scenario_;
  const SystemKind& kind_;
  Question question_;
  std::optional<Verdict> expected_;
  std::unique_ptr<Workload> workload_;
  std::vector<FaultRequest> requests_;
  service::WithPorts members_;
  service::ServiceSpec service_;
};

}  // namespace afterwrite
