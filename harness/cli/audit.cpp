#include <CLI/CLI.hpp>

#include "harness/cli/audit_flags.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/concluding.hpp"
#include "harness/cli/interrupts.hpp"
#include "harness/cli/one_audit.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/process/watchdog.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {

namespace {

class AuditCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("audit", "Drive a system, inject faults, record, judge and report");
    flags_.add_to(*parser);
    return parser;
  }

  ExitCode run(const CommandLine& typed) override {
    OneAudit audit(flags_.scenario());
    if (flags_.gate.has_baseline() && audit.expected()) {
      throw UsageError("--baseline: the exit code tells what changed, and --expect what was found; leave one out");
    }
    flags_.gate.prepare();

    // Nothing of this process may have a thread before the watchdog is forked and the signals are blocked.
    Watchdog::instance().start();
    const Interrupts interrupts;
    sweep_leftovers();
    const AuditManner manner{.out = flags_.out,
                             .command = as_typed(typed),
                             .style = LiveView::style_for(flags_.quiet),
                             .progress = {},
                             .fail_fast = flags_.fail_fast,
                             .stop = interrupts.token()};
    if (flags_.dry_run) return audit.dry_run(manner);
    OneAudit::Found found = audit.run(manner);
    return conclude(found.history, found.judgement, std::move(found.summary), flags_.gate,
                    {.folder = found.folder, .json = flags_.json, .expected = audit.expected()});
  }

 private:
  AuditFlags flags_;
};

}  // namespace

std::unique_ptr<Subcommand> make_audit_command() {
  return std::make_unique<AuditCommand>();
}

}  // namespace afterwrite
