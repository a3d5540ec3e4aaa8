#include "adapters/atproto/profile.hpp"

#include "adapters/atproto/bluesky.hpp"
#include "adapters/atproto/members.hpp"

namespace afterwrite::atproto {

Parameters profile_of(const std::string& did) {
  return {{"repo", did}, {"collection", profile_collection}, {"rkey", "self"}};
}

ToldProfile profile_told(const Response& response) {
  ToldProfile told;
  told.known = response.error == "RecordNotFound";
  const nlohmann::json& record = member(response.json, "value");
  if (!response.ok() || !record.is_object()) return told;
  told.known = true;
  told.record = record;
  told.cid = text(response.json, "cid");
  return told;
}

}  // namespace afterwrite::atproto
