#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "adapters/http/http.hpp"
#include "harness/cli/audit_flags.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/conformance.hpp"
#include "harness/cli/interrupts.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/systems.hpp"
#include "harness/history/text.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/process/watchdog.hpp"
#include "harness/service/service_deployment.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {

namespace {

constexpr const char* footer =
    R"(Examples
  afterwrite conform exec:./my_adapter
  afterwrite conform scenario.json
  afterwrite conform postgres
Exit codes: 0 no check failed, 1 a check failed, 3 bad input or usage, 4 the environment failed.)";

/// The deployment, from its start to its stop on every path out.
class Running {
 public:
  explicit Running(Deployment& deployment) : deployment_(deployment) {
    try {
      deployment_.start();
    } catch (...) {
      deployment_.stop();
      throw;
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { deployment_.stop(); }

 private:
  Deployment& deployment_;
};

void print_line(const Conformance& one) {
  constexpr std::size_t longest_why = 2000;
  const std::string why = one.why.empty() ? "" : ": " + shortened_text(one.why, longest_why);
  print(fmt::format("{:<14} {}{}\n", to_string(one.result), one.check, why));
}

nlohmann::json to_json(const std::vector<Conformance>& all, const nlohmann::json& system) {
  nlohmann::json checks = nlohmann::json::array();
  for (const Conformance& one : all) {
    const std::string result =
        one.result == Conformance::Result::failed ? "failed" : std::string(to_string(one.result));
    checks.push_back({{"check", one.check}, {"result", result}, {"why", valid_utf8(one.why)}});
  }
  return {{"schema", "afterwrite.conform/1"}, {"system", system}, {"checks", checks}};
}

class ConformCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("conform", "Check that an adapter keeps what an audit relies on");
    parser->footer(footer);
    flags_.add_system_to(*parser);
    parser->add_flag("--json", json_, "Print the checks as JSON on stdout");
    return parser;
  }

  ExitCode run(const CommandLine& /*typed*/) override {
    const Scenario scenario = flags_.scenario();
    const SystemKind& kind = system_kind(scenario.system);
    const service::WithPorts members = service::choose_ports(scenario.service, scenario.service_file);
    const service::ServiceSpec service = service::read_service(members, scenario.service_file);
    if (kind.lag_by_links && !scenario.lag.empty()) {
      throw UsageError("--lag: is a fault of an audit for this system, and conform injects none; leave it out");
    }
    // Nothing of this process may have a thread before the watchdog is forked and the signals are blocked.
    Watchdog::instance().start();
    const Interrupts interrupts;
    sweep_leftovers();
    FaultProxy proxy;
    const auto system = make_system(kind, scenario, members, proxy, /*client_links=*/true);
    if (!system->catalogue().empty()) {
      throw UsageError("conform: asks for one key at a time, and this system is read through views; audit it instead");
    }
    const PrivateFolder passing;
    service::ServiceDeployment deployment(*system, service,
                                          {.links = proxy,
                                           .log = passing.path() / "service.log",
                                           .announce = {},
                                           .stop = interrupts.token(),
                                           .redact = http::redaction_of(*system),
                                           .log_is_kept = false});
    const Running running(deployment);
    const auto tell = [this](const Conformance& one) {
      if (!json_) print_line(one);
    };
    const std::vector<Conformance> all = check_conformance(deployment, proxy, tell, interrupts.token());
    if (all.size() < conformance_checks().size()) throw EnvironmentError("conform: stopped by the user");
    if (json_) print(to_json(all, deployment.describe()).dump(2) + "\n");
    const bool failed =
        std::any_of(all.begin(), all.end(), [](const auto& one) { return one.result == Conformance::Result::failed; });
    return failed ? ExitCode::violated : ExitCode::held;
  }

 private:
  AuditFlags flags_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_conform_command() {
  return std::make_unique<ConformCommand>();
}

}  // namespace afterwrite
