#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/history/operation.hpp"

namespace afterwrite::atproto {

/// Names of records and moments of their creation that no other record of the run has. Any thread may call.
class Stamps {
 public:
  struct Stamp {
    std::string rkey;        ///< a TID
    std::string created_at;  ///< `2026-01-01T00:00:00.000Z`; a millisecond of its own
  };
  Stamp next();

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
  std::string parent;   ///< of a reply: the post that it is in reply to
  std::string subject;  ///< of a like: the post
  Value content;        ///< what was sent last, deletes apart
  std::string rev;      ///< of the last acknowledged write; empty: none was
  Value acknowledged;   ///< what that left there; null if it was a delete
};

/// Whom an account is logged in as.
struct Credentials {
  std::string did;
  std::string handle;
  std::string token;  ///< a secret
};

/// One account, which the sessions of its user share. `mutex` guards everything below it; profile edits hold `edit`
/// from reading the profile as it is known here until the answer, so that two do not undo each other.
struct AuditedAccount {
  Credentials who;
  std::vector<std::string> first_records;  ///< `collection/rkey` of those that it was given before the run
  nlohmann::json first_profile = nlohmann::json::object();  ///< as it was before the run
  std::string list_uri;                                     ///< a list that it alone is on
  std::string old_post_uri;
  std::string old_post_cid;

  std::mutex edit;
  std::mutex mutex;
  std::map<std::string, KeyState> keys;
  nlohmann::json profile = nlohmann::json::object();  ///< as it is to be written, `$type` apart
  std::size_t liked = 0;                              ///< posts of the pool that it has liked
};

/// A post that likes may be given to.
struct Likeable {
  std::string uri;
  std::string cid;
};

}  // namespace afterwrite::atproto
