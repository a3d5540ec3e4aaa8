#include "harness/run/audit_header.hpp"

#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace afterwrite {
namespace {

nlohmann::json nodes_of(const Topology& topology) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const Node& node : topology.nodes)
    nodes.push_back({{"name", node.name}, {"role", to_string(node.role)}});
  return nodes;
}

}  // namespace

Header audit_header(const Plan& plan) {
  const Scenario& scenario = plan.scenario;
  const Topology topology = plan.deployment.topology();
  Header header;
  header.system = scenario.system;
  header.workload = scenario.workload;
  header.policy = plan.policy.name();
  header.seed = scenario.seed;
  header.assume = plan.assume;

  nlohmann::json& all = header.all;
  all = plan.header_more;
  all["system"] = header.system;
  all["workload"] = header.workload;
  all["policy"] = header.policy;
  if (header.seed) all["seed"] = *header.seed;
  all["assume"] = plan.assume;
  all["deployment"] = plan.deployment.describe();
  all["nodes"] = nodes_of(topology);
  all["epoch"] = topology.epoch;
  all["scenario"] = to_json(scenario);
  all["command"] = plan.command;
  all["started"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                               fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
  all["guarantees"] = scenario.guarantees;
  all["scope"] = scenario.scope;
  all["min_at_risk"] = scenario.min_at_risk;
  if (scenario.expect) all["expect"] = *scenario.expect;
  return header;
}

}  // namespace afterwrite
