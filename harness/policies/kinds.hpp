#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/policies/policy.hpp"

namespace afterwrite::policies {

/// What follows the name on the command line: `5s` of `recent-writer:5s`; nothing if there was no colon.
struct Parameters {
  std::string_view policy;  ///< the whole text, for messages
  std::optional<std::string_view> text;
};

// One file each. Each throws UsageError if it cannot use its parameters.
std::unique_ptr<ReadPolicy> make_leader(const Parameters& parameters);
std::unique_ptr<ReadPolicy> make_any_replica(const Parameters& parameters);
std::unique_ptr<ReadPolicy> make_sticky_replica(const Parameters& parameters);
std::unique_ptr<ReadPolicy> make_recent_writer(const Parameters& parameters);
std::unique_ptr<ReadPolicy> make_version_token(const Parameters& parameters);
std::unique_ptr<ReadPolicy> make_endpoint(const Parameters& parameters);

/// Throws UsageError if there are parameters, for a policy that takes none.
void expect_none(const Parameters& parameters);

/// One of the followers, at random; nothing if there is none.
std::optional<std::string> any_follower(const Topology& topology, Random& random);

/// Why a policy that reads from followers cannot be used here; nothing if there is a follower.
std::optional<std::string> refusal_without_followers(const Topology& topology, const std::string& policy);

}  // namespace afterwrite::policies
