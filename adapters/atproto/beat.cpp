#include "adapters/atproto/beat.hpp"

#include <charconv>

#include "adapters/atproto/bluesky.hpp"
#include "adapters/atproto/members.hpp"

namespace afterwrite::atproto {
namespace {

constexpr const char* field = "description";

// 0 where there is no number yet.
std::int64_t number_in(const nlohmann::json& profile) {
  std::int64_t number = 0;
  const std::string shown = text(profile, field);
  std::from_chars(shown.data(), shown.data() + shown.size(), number);
  return number;
}

}  // namespace

AtprotoBeat::AtprotoBeat(const Shared& shared, const AuditedAccount& account)
    : who_(account.who),
      pds_(shared.pds.url, shared.pds.options),
      appview_(shared.appview.url, shared.appview.options) {}

bool AtprotoBeat::write(std::int64_t number, Deadline deadline) {
  const nlohmann::json input{{"repo", who_.did},
                             {"collection", profile_collection},
                             {"rkey", "self"},
                             {"record", {{"$type", profile_collection}, {field, std::to_string(number)}}}};
  return pds_.post("com.atproto.repo.putRecord", input, who_.token, deadline).ok();
}

std::optional<std::int64_t> AtprotoBeat::visible(const std::string& node, Deadline deadline) {
  if (node == appview_node) {
    const Response response = appview_.get("app.bsky.actor.getProfile", {{"actor", who_.did}}, {}, deadline);
    if (!response.ok()) return std::nullopt;
    return number_in(response.json);
  }
  const Response response =
      pds_.get("com.atproto.repo.getRecord", {{"repo", who_.did}, {"collection", profile_collection}, {"rkey", "self"}},
               {}, deadline);
  if (!response.ok()) return std::nullopt;
  return number_in(member(response.json, "value"));
}

}  // namespace afterwrite::atproto
