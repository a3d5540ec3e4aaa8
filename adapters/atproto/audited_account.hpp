#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "adapters/atproto/traces.hpp"
#include "harness/history/operation.hpp"

namespace afterwrite::atproto {

/// Names of records and moments of their creation that no other record of the run has. Any thread may call.
class Stamps {
 public:
  struct Stamp {
    std::string rkey;        ///< a TID
    std::string created_at;  ///< `2026-01-01T00:00:00.000Z`; a millisecond of its own
  };
  /// `ago`: how far in the past it says that it was created.
  Stamp next(std::chrono::milliseconds ago = {});

 private:
  std::mutex mutex_;
  std::int64_t last_ms_ = 0;
};

/// What is known of one key: one record, or one field of the profile.
struct KeyState {
  std::string kind;
  std::string collection;
  std::string rkey;
  std::string uri;
  std::string created_at;
  std::string parent;  ///< of a reply: the post that it is in reply to
  std::string parent_cid;
  std::string subject;  ///< of a like or a repost: the post
  nlohmann::json blob;  ///< of a post with a picture: that, as it was uploaded
  Value content;        ///< what was sent last, deletes apart
  std::string sent;     ///< when that was, as a TID, which revisions are too
  std::string rev;      ///< of the last acknowledged write; empty: none was
  Value acknowledged;   ///< what that left there; null if it was a delete
};

/// Whom an account is logged in as.
struct Credentials {
  std::string did;
  std::string handle;
  std::string token;         ///< a secret
  std::string second_token;  ///< of another login; empty if there is none
  std::string
      refresh_token{};  ///< a secret; ends the login. Empty if there is none, or if the login ends with its server
};

/// A post, as records refer to it.
struct PostReference {
  std::string uri;
  std::string cid;
};

/// One account, which the sessions of its user share. `mutex` guards everything below it; profile edits hold `edit`
/// from reading the profile as it is known here until the answer, so that two do not undo each other.
struct AuditedAccount {
  Credentials who;
  std::unique_ptr<Traces> traces;  ///< of an account of the user's; null: it is ours, and goes with its server
  nlohmann::json first_profile = nlohmann::json::object();  ///< as it was before the run
  std::string list_uri;                                     ///< a list that it alone is on
  PostReference old_post;

  std::mutex edit;
  /// Of an account of the user's, guarded by `edit`: the CID of the profile that is there, null if there is none;
  /// nothing: it is to be read before the next edit.
  std::optional<nlohmann::json> profile_there;
  std::mutex mutex;
  std::map<std::string, KeyState> keys;
  nlohmann::json profile = nlohmann::json::object();  ///< as it is to be written, `$type` apart
  std::size_t liked = 0;                              ///< posts of the pool that it has liked or reposted
  PostReference newest_post;                          ///< of its own, acknowledged; empty at first
  std::string admitted;  ///< the newest revision that the App View said it had indexed; empty: it has said nothing
};

/// How many records of the account the App View has not said to have indexed, as the PDS counts them: what it merges
/// are ten of these at most. Hold the account's `mutex`.
std::size_t pending_records(const AuditedAccount& account);

}  // namespace afterwrite::atproto
