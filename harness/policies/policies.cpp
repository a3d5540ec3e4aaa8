#include <algorithm>

#include "harness/policies/kinds.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {
namespace {

using policies::Parameters;

struct Row {
  PolicyKind kind;
  std::unique_ptr<ReadPolicy> (*make)(const Parameters&);
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table{
      {{"leader", "leader", "always the leader"}, policies::make_leader},
      {{"any-replica", "any-replica", "any follower, at random"}, policies::make_any_replica},
      {{"sticky-replica", "sticky-replica",
        "one follower per session, left only when its reconnection is refused or reset"},
       policies::make_sticky_replica},
      {{"recent-writer", "recent-writer[:WINDOW]",
        "the leader for WINDOW (5s) after the session's last acknowledged write, else any follower"},
       policies::make_recent_writer},
      {{"version-token", "version-token[:wait=1s]",
        "a follower that has applied what the session wrote and read: wait for it, then fall back to the leader"},
       policies::make_version_token},
      {{"endpoint", "endpoint", "the system routes itself: its one address"}, policies::make_endpoint},
  };
  return table;
}

}  // namespace

const std::vector<PolicyKind>& policy_kinds() {
  static const std::vector<PolicyKind> kinds = [] {
    std::vector<PolicyKind> all;
    for (const Row& row : rows())
      all.push_back(row.kind);
    return all;
  }();
  return kinds;
}

std::unique_ptr<ReadPolicy> make_policy(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  Parameters parameters{.policy = text, .text = std::nullopt};
  if (colon != std::string_view::npos) parameters.text = text.substr(colon + 1);

  const auto row = std::find_if(rows().begin(), rows().end(), [&](const Row& r) { return r.kind.name == name; });
  if (row != rows().end()) return row->make(parameters);

  std::vector<std::string> known;
  for (const Row& r : rows())
    known.emplace_back(r.kind.name);
  throw UsageError("unknown read policy '" + std::string(name) + "'" + known_names_hint(name, known));
}

namespace policies {

void expect_none(const Parameters& parameters) {
  if (!parameters.text) return;
  const std::string name(parameters.policy.substr(0, parameters.policy.find(':')));
  throw UsageError("read policy '" + std::string(parameters.policy) + "': '" + name +
                   "' takes no parameters: write just " + name);
}

std::optional<std::string> any_follower(const Topology& topology, Random& random) {
  std::vector<std::string> followers = topology.followers();
  if (followers.empty()) return std::nullopt;
  return std::move(followers[std::uniform_int_distribution<std::size_t>(0, followers.size() - 1)(random)]);
}

std::optional<std::string> refusal_without_followers(const Topology& topology, const std::string& policy) {
  if (!topology.followers().empty()) return std::nullopt;
  return "read policy '" + policy +
         "' reads from followers, and there are none: give --followers 1 or more (a system of yours: --follower URL), "
         "or choose --read-policy leader";
}

}  // namespace policies
}  // namespace afterwrite
