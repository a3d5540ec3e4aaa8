#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "adapters/atproto/xrpc.hpp"

namespace afterwrite::atproto {

/// What `com.atproto.repo.getRecord` is asked for the profile of an account.
Parameters profile_of(const std::string& did);

/// A profile as it stands in a repository.
struct ToldProfile {
  bool known = false;                                ///< false: the answer tells none, and not that there is none
  nlohmann::json record = nlohmann::json::object();  ///< empty: there is none
  std::string cid;                                   ///< empty: there is none, or the server does not say

  /// What `swapRecord` is to be so that nothing else is written over; a text that is empty: that cannot be said.
  nlohmann::json swap() const { return record.empty() ? nlohmann::json(nullptr) : nlohmann::json(cid); }
};
ToldProfile profile_told(const Response& response);

}  // namespace afterwrite::atproto
