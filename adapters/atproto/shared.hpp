#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/atproto/audited_account.hpp"
#include "adapters/atproto/xrpc.hpp"
#include "harness/http/connection.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::atproto {

/// One server, and how sessions get there.
struct Server {
  std::string url;
  http::Options options;
  std::shared_ptr<Pace> pace{};  ///< null: it is ours
};

/// What the clients and beats of a run share. Set up by the deployment's start(); from then on only what says so
/// changes.
struct Shared {
  Server pds;
  Server appview;           ///< empty URL: there is no way to ask it directly
  std::string appview_did;  ///< whom tokens for it are made out to
  std::map<std::string, std::shared_ptr<AuditedAccount>> users;
  std::shared_ptr<AuditedAccount> another;  ///< follows them all; null if nobody looks through its eyes
  std::vector<PostReference> likeable;
  Stamps stamps;

  std::mutex mutex;  ///< guards what follows
  std::map<std::string, std::vector<std::shared_ptr<AuditedAccount>>>
      newcomers;                                                 ///< by kind of key: that nobody has taken yet
  std::map<std::string, std::shared_ptr<AuditedAccount>> taken;  ///< by the key of their only post
  std::size_t writes_left = SIZE_MAX;                            ///< on a PDS of the user's
};

}  // namespace afterwrite::atproto
