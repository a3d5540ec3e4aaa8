#include "harness/cli/audit_flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>

#include "harness/cli/asking.hpp"
#include "harness/cli/exec_system.hpp"
#include "harness/cli/systems.hpp"
#include "harness/session/errors.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite {

namespace {

constexpr const char* own = "A cluster of its own";
constexpr const char* yours = "A system of yours (only the run's own client links may be cut)";
constexpr const char* load = "The load";
constexpr const char* judgement = "The judgement";
constexpr const char* output = "Output";

constexpr const char* footer =
    R"(Faults: NAME[:TARGET][,param=value...][@START[..END]], again and again:
  lag:follower-1,delay=800ms@2s..6s   partition:follower-1@3s..5s   stall:follower-2@1s..4s
  pause-replay:follower-1@1s..3s      kill:follower-1@4s            failover@5s,cut=2s
`afterwrite list faults` and `afterwrite list policies` explain each.

Examples
  afterwrite audit postgres --lag 500ms --read-policy any-replica
  afterwrite audit postgres --lag 1500ms --read-policy recent-writer:500ms --control
  afterwrite audit postgres --fault failover@5s,cut=2s --read-policy leader
  afterwrite audit memory --lag 300ms --opt bug=stale-follower --read-policy version-token
  afterwrite audit scenario.json --duration 30s
  afterwrite audit exec:./my_adapter --read-policy sticky-replica
A scenario file holds the flags' names without the dashes as JSON ("faults" and "options" for --fault and
--opt); flags override it. Passwords come by PGPASSFILE or as {env:NAME} in a URL.)";

bool is_scenario_file(const std::string& system) {
  return system.ends_with(".json") || system.find('/') != std::string::npos ||
         std::filesystem::is_regular_file(system);
}

}  // namespace

void AuditFlags::text(CLI::App& parser, const std::string& name, const std::string& form, const std::string& help,
                      const std::string& group) {
  if (group != yours && name != "expect") variable_[name] = false;
  parser
      .add_option_function<std::string>(
          "--" + name, [this, name](const std::string& value) { given_[name] = value; }, help)
      ->type_name(form)
      ->group(group);
}

void AuditFlags::count(CLI::App& parser, const std::string& name, const std::string& help,
                       const std::string& group) {
  variable_[name] = true;
  parser
      .add_option_function<std::string>(
          "--" + name, [this, name](const std::string& value) { given_[name] = whole_number(value, "--" + name); }, help)
      ->type_name("N")
      ->group(group);
}

void AuditFlags::texts(CLI::App& parser, const std::string& name, const std::string& member, const std::string& form,
                       const std::string& help, const std::string& group) {
  parser
      .add_option_function<std::vector<std::string>>(
          "--" + name, [this, member](const std::vector<std::string>& values) { given_[member] = values; }, help)
      ->type_name(form)
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all()
      ->group(group);
}

void AuditFlags::add_to(CLI::App& parser) {
  parser.footer(footer);
  add_system_to(parser);
  add_load(parser);
  add_judgement(parser);
  parser.add_flag("--dry-run", dry_run, "One write and one read, printed with what was sent and answered; no audit")->group(output);
  parser.add_option("--out", out, "Folder for history and reports; default ./afterwrite-runs/<time>-<system>-<policy>")
      ->check(not_empty)
      ->type_name("DIR")
      ->group(output);
  gate.add_to(parser, output);
  parser.add_flag("--json", json, "Print the report as JSON on stdout")->group(output);
  parser.add_flag("--quiet", quiet, "No progress on stderr")->group(output);
  parser.add_flag("--fail-fast", fail_fast, "End the load at the first violation")->group(output);
}

void AuditFlags::add_system_to(CLI::App& parser) {
  parser.add_option("SYSTEM", system_, "postgres, etcd, atproto, memory, exec:COMMAND, or a scenario file (JSON), which may describe a service")->required();
  count(parser, "followers", "Followers (2)", own);
  text(parser, "lag", "D[,D...]", "Replication lag for the whole run: D gives follower i a lag of i*D; a list sets each", own);
  parser
      .add_option_function<std::vector<std::string>>(
          "--opt",
          [this](const std::vector<std::string>& values) {
            for (const std::string& value : values) {
              const std::size_t equals = value.find('=');
              if (equals == std::string::npos || equals == 0) {
                throw UsageError(fmt::format("--opt: '{}' is no option; write NAME=VALUE, e.g. sync=remote_apply", value));
              }
              given_["options"][value.substr(0, equals)] = value.substr(equals + 1);
            }
          },
          "An option of the system, e.g. sync=remote_apply; `afterwrite list systems` names them")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all()
      ->group(own);
  text(parser, "pg-bin", "DIR", "Where PostgreSQL's programs are", own);
  text(parser, "leader", "URL", "Your leader", yours);
  texts(parser, "follower", "follower", "URL", "Your followers, each with a flag of its own", yours);
  text(parser, "endpoint", "URL", "One address behind which the system routes by itself", yours);
  parser
      .add_option_function<std::string>(
          "--service", [this](const std::string& value) { given_["endpoint"] = value; },
          "Your PDS (atproto); an app password of the account is taken from AFTERWRITE_ATPROTO_PASSWORD")
      ->type_name("URL")
      ->group(yours);
  parser
      .add_option_function<std::string>(
          "--handle", [this](const std::string& value) { given_["options"]["handle"] = value; },
          "The account to write with (atproto), best a throw-away one; what is written is deleted afterwards")
      ->type_name("HANDLE")
      ->group(yours);
  parser
      .add_flag_function(
          "--insecure", [this](std::int64_t) { given_["insecure"] = true; },
          "Do not verify certificates of a service over HTTPS; the report says so")
      ->group(yours);
}

void AuditFlags::add_load(CLI::App& parser) {
  text(parser, "workload", "NAME", "What sessions do: register (default), append, score, bank, views", load);
  count(parser, "sessions", "Sessions, each on its own thread (8)", load);
  count(parser, "sessions-per-user", "Sessions of each user, who has so many devices (1); for --scope user", load);
  count(parser, "keys", "Keys (16); not for views", load);
  text(parser, "duration", "D", "How long the load lasts (10s)", load);
  count(parser, "ops", "End the load after so many operations", load);
  text(parser, "until", "at-risk=N", "End the load once so many at-risk reads were seen", load);
  text(parser, "rate", "R/s", "Operations per second of all sessions together", load);
  text(parser, "read-delay", "D..D", "When a session reads its write back (1ms..2s, log-uniform)", load);
  text(parser, "op-timeout", "D", "Deadline of each operation, kept by the client (2s)", load);
  count(parser, "seed", "Reproduces requests and fault schedule, not the interleaving", load);
  text(parser, "read-policy", "POLICY",
       "leader, any-replica (default), sticky-replica, recent-writer:5s, version-token[:wait=1s], endpoint", load);
  texts(parser, "fault", "faults", "FAULT", "A fault to inject; see below", load);
  parser
      .add_flag_function(
          "--control", [this](std::int64_t) { given_["control"] = true; },
          "Beside the policy, one session that reads any replica: shows that a breach could have been seen")
      ->group(load);
}

void AuditFlags::add_judgement(CLI::App& parser) {
  texts(parser, "guarantee", "guarantee", "NAME[,NAME]", "Guarantees to judge (read-your-writes,monotonic-reads)", judgement);
  text(parser, "scope", "SCOPE", "Whose guarantees: session (default), user, process", judgement);
  texts(parser, "assume", "assume", "NAME[,NAME]",
        "What holds for the system: writer-order, realtime-writes, one-clock; or none (what is known of the system)", judgement);
  count(parser, "min-at-risk", "Fewer at-risk reads than this make a verdict unknown (30)", judgement);
  text(parser, "expect", "VERDICT", "Exit 0 iff the verdict is held, violated or unknown as named", judgement);
}

void AuditFlags::refuse_beside(const std::string& over, const std::string& option) const {
  const auto given = [&](const std::string& member, const std::string& name) {
    const auto found = given_.find(member);
    return found != given_.end() && (name.empty() || found->contains(name));
  };
  constexpr const char* programs = "pg-bin";  // a flag, and an option of the same name
  const bool both = given(over, option) || (option == programs && given(programs, "")) || (over == programs && given("options", programs));
  if (!both) return;
  const std::string name = over == "faults" ? "fault" : over;
  const std::string axis = option.empty() ? name : "opt." + option;
  const std::string flag = option.empty() ? "--" + name : "--opt " + option;
  throw UsageError(fmt::format("--over {}: {} is given beside it, and would count for nothing; leave one of the two out",
                               axis, flag));
}

// An end that is named replaces all that were named before (by a file), and the two are named together.
nlohmann::json AuditFlags::with_other_ends(nlohmann::json over) const {
  constexpr std::array ends{"duration", "ops", "until"};
  if (std::none_of(ends.begin(), ends.end(), [&](const char* end) { return over.contains(end); })) return over;
  for (const char* end : ends) {
    if (given_.contains(end) && !over.contains(end)) over[end] = given_.at(end);
  }
  return over;
}

nlohmann::json AuditFlags::usual_of(const SystemKind& kind, const nlohmann::json& over) const {
  nlohmann::json usual = nlohmann::json::parse(kind.scenario);
  const auto said = [&](const char* member) { return given_.contains(member) || over.contains(member); };
  if (said("endpoint") && kind.name == "atproto") {
    // One account, that nobody but us looks at for long.
    usual.erase("followers");
    usual.update({{"sessions", 1}, {"duration", "60s"}, {"rate", "5/s"}});
    usual.erase("faults");
  }
  // Else what is refused were the number of its own followers.
  if (said("leader") || said("follower")) usual.erase("followers");
  // Its faults are for its own duration.
  for (const char* other : {"duration", "ops", "until", "lag", "faults"}) {
    if (said(other)) usual.erase("faults");
  }
  return usual;
}

void AuditFlags::add_sweep_to(CLI::App& parser) {
  add_system_to(parser);
  add_load(parser);
  add_judgement(parser);
  parser.add_option("--out", out, "Folder for the sweep; default ./afterwrite-runs/<time>-sweep-<system>")
      ->check(not_empty)
      ->type_name("DIR")
      ->group(output);
  parser.add_flag("--json", json, "Print sweep.json on stdout")->group(output);
  parser.add_flag("--quiet", quiet, "No progress on stderr")->group(output);
}

Scenario AuditFlags::scenario(const nlohmann::json& over, const std::string& where) const {
  const Scenario scenario = unresolved(over, where);
  return resolve(scenario, system_kind(scenario.system).defaults);
}

Scenario AuditFlags::unresolved(const nlohmann::json& over, const std::string& where) const {
  Scenario scenario;
  if (system_.starts_with("exec:")) {
    scenario.system = system_;
  } else if (is_scenario_file(system_)) {
    scenario = read_scenario(system_);
  } else {
    system_kind(system_);
    scenario.system = system_;
  }
  take_exec_command(scenario);
  if (scenario.service_file.empty() && !is_scenario_file(system_)) apply_json(scenario, usual_of(system_kind(scenario.system), over), "");
  apply_json(scenario, given_, "");
  if (!over.is_null()) apply_json(scenario, with_other_ends(over), where);
  const SystemKind& kind = system_kind(scenario.system);
  validate(scenario);
  const bool keys = given_.contains("keys") || over.contains("keys") || scenario.keys != Scenario{}.keys;
  if (keys && workload_kind(scenario.workload).views)
    throw UsageError("--keys: whatever the workload views writes is a key of its own, so there is no number of them to choose; leave it out");
  refuse_other_members(kind, scenario);
  return scenario;
}

}  // namespace afterwrite
