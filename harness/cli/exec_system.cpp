#include "harness/cli/exec_system.hpp"

#include <fmt/format.h>
#include <string_view>

#include "adapters/exec/exec.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {

namespace {

constexpr std::string_view prefix = "exec:";

void refuse_flags_of_others(const Scenario& scenario) {
  const auto refuse = [](std::string_view flag, std::string_view why) {
    throw UsageError(fmt::format("{}: {}", flag, why));
  };
  if (!scenario.lag.empty()) refuse("--lag", "the replication behind an adapter is not ours to delay; leave --lag out");
  if (scenario.followers) refuse("--followers", "an adapter says itself which nodes there are; leave --followers out");
  if (!scenario.leader_url.empty() || !scenario.follower_urls.empty() || !scenario.endpoint_url.empty()) {
    refuse("--leader, --follower, --endpoint",
           "an adapter knows its own addresses; hand them to it as arguments or in 'config'");
  }
  if (scenario.options.contains("pg-bin")) refuse("--pg-bin", "an adapter needs no PostgreSQL of ours; leave it out");
}

std::vector<std::string> command_of(const Scenario& scenario) {
  const auto found = scenario.service.find("command");
  if (found == scenario.service.end()) {
    throw UsageError(
        "exec: names no command; write exec:./my_adapter, or \"command\": [\"./my_adapter\"] in a scenario file");
  }
  if (found->is_string()) return exec::split_words(found->get<std::string>());
  std::vector<std::string> words;
  for (const auto& word : *found) {
    if (word.is_string()) words.push_back(word.get<std::string>());
  }
  if (!found->is_array() || words.empty() || words.front().empty() || words.size() != found->size()) {
    throw UsageError(fmt::format(
        "{}: 'command' expects a text, or an array of the program and its arguments, e.g. [\"./my_adapter\", \"--x\"]",
        scenario.service_file));
  }
  return words;
}

}  // namespace

void take_exec_command(Scenario& scenario) {
  if (!scenario.system.starts_with(prefix)) return;
  if (scenario.service.contains("command")) {
    throw UsageError(
        fmt::format("{}: 'system' and 'command' both name the adapter's command; write \"system\": \"exec\"",
                    scenario.service_file));
  }
  scenario.service["command"] = scenario.system.substr(prefix.size());
  scenario.system = "exec";
}

std::unique_ptr<Deployment> make_exec_system(const Scenario& scenario, LinkFactory& /*links*/, bool /*client_links*/) {
  refuse_flags_of_others(scenario);
  exec::ExecOptions options;
  options.command = command_of(scenario);
  if (const auto config = scenario.service.find("config"); config != scenario.service.end()) {
    if (!config->is_object()) throw UsageError(fmt::format("{}: 'config' expects an object", scenario.service_file));
    options.config = *config;
  }
  for (const auto& [name, value] : scenario.options) {
    if (name == "log") {
      options.log = value;
    } else if (name == "start-within") {
      options.start_within = parse_duration(value, "--opt start-within");
      if (options.start_within <= Duration{0})
        throw UsageError("--opt start-within: no process starts in no time; give e.g. 10s");
    } else {
      throw UsageError(
          fmt::format("--opt: exec has no option '{}'{}", name, known_names_hint(name, {"log", "start-within"})));
    }
  }
  return exec::make_exec(options);
}

std::vector<std::string> exec_options() {
  return {"log=FILE                       what the adapter writes to stderr, and where it broke the protocol",
          "start-within=D                 how long it may take to answer hello (10s)"};
}

}  // namespace afterwrite
