#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "harness/session/deployment.hpp"

namespace afterwrite::atproto {

/// A Bluesky stack of afterwrite's own: a PDS (`pds`, the leader) and an App View (`appview`, its follower) that is fed by the PDS's firehose.
struct OwnOptions {
  std::size_t users = 1;                   ///< an account each
  std::size_t newcomers = 40;              ///< accounts that have no record, for deeds that are about the first one
  std::filesystem::path postgres_programs{};
  bool client_links = false;               ///< the sessions go through links
};
/// `links` outlives it.
std::unique_ptr<Deployment> make_own(const OwnOptions& options, LinkFactory& links);

}  // namespace afterwrite::atproto
