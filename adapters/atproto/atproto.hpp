#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/session/deployment.hpp"

namespace afterwrite::atproto {

/// A Bluesky stack of afterwrite's own: a PDS (`pds`, the leader) and an App View (`appview`, its follower) that is fed
/// by the PDS's firehose.
struct OwnOptions {
  std::size_t users = 1;       ///< an account each
  std::size_t newcomers = 40;  ///< accounts that have no record, for deeds that are about the first one
  bool beyond = false;         ///< see bluesky_catalogue()
  std::filesystem::path postgres_programs{};
  bool client_links = false;  ///< the sessions go through links
};
/// `links` outlives it.
std::unique_ptr<Deployment> make_own(const OwnOptions& options, LinkFactory& links);

/// Where the app password of an account on a PDS of the user's is.
inline constexpr const char* password_variable = "AFTERWRITE_ATPROTO_PASSWORD";

/// A PDS of the user's, and an account on it, whose sessions are all of the user `u0`. What the run writes is deleted
/// at its end.
struct ForeignOptions {
  std::string url;
  std::string handle;
  std::size_t most_records = 300;  ///< so many are written in all
  bool client_links = false;
};
/// `links` outlives it. Throws UsageError.
std::unique_ptr<Deployment> make_foreign(const ForeignOptions& options, LinkFactory& links);

}  // namespace afterwrite::atproto
