#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/run/lag_sampler.hpp"
#include "harness/run/scenario.hpp"
#include "harness/service/service_spec.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// A row of the table of systems: what `afterwrite list systems` prints, and how one is made.
struct SystemKind {
  std::string_view name;
  std::string_view summary;
  /// `client_links`: the run's own sessions are to go through links, so that faults can cut them. Throws UsageError for
  /// options that this system does not have, EnvironmentError if something is missing here.
  std::unique_ptr<Deployment> (*make)(const Scenario& scenario, LinkFactory& links, bool client_links);
  /// Its replication goes through links, so `--lag` is a fault on them; else the system makes its lag by itself.
  bool lag_by_links;
  /// What `--opt` takes: a line each.
  std::vector<std::string> (*options)();
  /// The members of a scenario file that it takes, of service_members().
  std::vector<std::string_view> members{};
  SystemDefaults defaults{};
  /// What holds for it unless the scenario says otherwise: this, for a single leader that all sessions write to.
  std::vector<std::string> assume{"writer-order", "realtime-writes", "one-clock"};
  /// What a scenario says of it that says nothing, as a scenario file would (JSON); `faults` only where no end of the load is named either.
  std::string_view scenario = "{}";
  /// How often its lag is sampled. A system that can do little should not be busy with beats.
  Duration sampled_every = SamplerPace{}.interval;
};
const std::vector<SystemKind>& system_kinds();

/// The system of a scenario on the ports that were chosen for its service; the scenario itself stays as it was written. Throws what
/// SystemKind::make throws.
std::unique_ptr<Deployment> make_system(const SystemKind& kind, Scenario scenario, const service::WithPorts& members, LinkFactory& links,
                                        bool client_links);

/// The read policy of a scenario that names none, for a kind whose defaults leave it open: `endpoint` for one node, which routes by
/// itself, else `any-replica`.
std::string default_policy(const Topology& topology);

/// Throws UsageError naming file and member if the scenario describes what systems of this kind do not have.
void refuse_other_members(const SystemKind& kind, const Scenario& scenario);

/// Throws UsageError with the nearest known name.
const SystemKind& system_kind(const std::string& name);

}  // namespace afterwrite
