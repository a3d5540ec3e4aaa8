#include "adapters/atproto/views.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "adapters/atproto/members.hpp"

namespace afterwrite::atproto {
namespace {

using Json = nlohmann::json;

Sighting decided(Value value) {
  return {.decided = true, .value = std::move(value), .labels = {}};
}

Sighting of_field(const Json& profile, const AuditedAccount& viewer, const std::string& field) {
  return decided(shown_value(viewer, field, text(profile, field.c_str())));
}

// The posts that a feed or a thread shows, by their URI.
class Posts {
 public:
  void take(const Json& post) {
    const std::string uri = text(post, "uri");
    if (uri.empty()) return;
    const Json& record = member(post, "record");
    shown_[uri] = text(record, "text");
    // Feeds are in the order of the earlier of both.
    last_ = text(record, "createdAt");
    if (const std::string indexed = text(post, "indexedAt"); !indexed.empty()) last_ = std::min(last_, indexed);
  }

  const std::string* find(const std::string& uri) const {
    const auto found = shown_.find(uri);
    return found == shown_.end() ? nullptr : &found->second;
  }
  /// How far the page reaches. What the PDS merges in stands where its own clock says, but never at the end of a page
  /// that has anything else on it; so the oldest of all may be another, which says that it was written long ago.
  const std::string& last() const { return last_; }

 private:
  std::map<std::string, std::string> shown_;  // uri -> text
  std::string last_;
};

Posts posts_of_feed(const Json& feed) {
  Posts posts;
  for (const Json& item : feed) {
    // What somebody reposted stands where the repost belongs.
    if (!member(item, "reason").is_null()) continue;
    posts.take(member(item, "post"));
  }
  return posts;
}

void take_thread(Posts& posts, const Json& thread) {
  posts.take(member(thread, "post"));
  const Json& replies = member(thread, "replies");
  if (!replies.is_array()) return;
  for (const Json& reply : replies)
    take_thread(posts, reply);
}

const std::string& root_of(const KeyState& key) {
  return key.parent.empty() ? key.uri : key.parent;
}

Sighting in_feed(const Posts& posts, bool last_page, const KeyState& key) {
  if (const std::string* shown = posts.find(key.uri)) return decided(*shown);
  const bool within = last_page || (!posts.last().empty() && posts.last() < key.created_at);
  return within ? decided({}) : Sighting{};
}

// A feed of liked posts is in the order of the likes, whose times it does not tell: that of an older like of ours that
// it shows does.
Sighting in_likes(const Posts& posts, bool last_page, const AuditedAccount& viewer, const KeyState& key) {
  if (posts.find(key.subject) != nullptr) return decided(key.content);
  const bool older_shown = std::any_of(viewer.keys.begin(), viewer.keys.end(), [&](const auto& known) {
    const KeyState& other = known.second;
    return other.kind == like_kind && other.created_at < key.created_at && posts.find(other.subject) != nullptr;
  });
  return last_page || older_shown ? decided({}) : Sighting{};
}

// A repost stands in a feed as the post, with a reason that says who reposted it, and when.
Sighting in_reposts(const Json& feed, bool last_page, const AuditedAccount& viewer, const KeyState& key) {
  std::string last;
  for (const Json& item : feed) {
    const Json& reason = member(item, "reason");
    last = text(reason.is_null() ? member(item, "post") : reason, "indexedAt");
    const bool own = text(member(reason, "by"), "did") == viewer.who.did;
    if (own && text(member(item, "post"), "uri") == key.subject) return decided(key.content);
  }
  const bool within = last_page || (!last.empty() && last < key.created_at);
  return within ? decided({}) : Sighting{};
}

}  // namespace

std::size_t pending_records(const AuditedAccount& account) {
  std::set<std::string> pending;  // the fields of the profile are one record
  for (const auto& [name, key] : account.keys) {
    const bool deleted = !key.rev.empty() && is_null(key.acknowledged);
    if (!deleted && std::max(key.rev, key.sent) > account.admitted) pending.insert(key.collection + '/' + key.rkey);
  }
  return pending.size();
}

Value shown_value(const AuditedAccount& account, const std::string& kind, const std::string& shown) {
  if (!is_profile_field(kind)) return shown;
  return shown.empty() || shown == text(account.first_profile, kind.c_str()) ? Value{} : as_meant(shown);
}

std::optional<Parameters> parameters_of(const Route& route, const AuditedAccount& viewer,
                                        std::span<const KeyState* const> keys) {
  Parameters parameters(route.parameters.begin(), route.parameters.end());
  if (route.name == "getPostThread") {
    const auto first = std::find_if(keys.begin(), keys.end(), [](const KeyState* key) { return key != nullptr; });
    if (first == keys.end()) return std::nullopt;
    for (const auto& [name, value] :
         {std::pair{"uri", root_of(**first).c_str()}, {"depth", "6"}, {"parentHeight", "0"}})
      parameters.emplace_back(name, value);
    return parameters;
  }
  if (route.name == "getProfile" || route.name == "getActorLikes" || route.name == "getAuthorFeed")
    parameters.emplace_back("actor", viewer.who.did);
  if (route.name == "getProfiles") parameters.emplace_back("actors", viewer.who.did);
  if (route.name == "getListFeed") parameters.emplace_back("list", viewer.list_uri);
  if (route.name != "getProfile" && route.name != "getProfiles")
    parameters.emplace_back("limit", std::to_string(feed_page));
  return parameters;
}

bool tells(const Route& route, const Response& response) {
  if (response.ok()) {
    // An answer without what it is about shows nothing, and is no proof that nothing is there.
    if (route.name == "getProfile") return !text(response.json, "did").empty();
    if (route.name == "getProfiles")
      return member(response.json, "profiles").is_array() && !member(response.json, "profiles").empty();
    if (route.name == "getPostThread") return member(response.json, "thread").is_object();
    return member(response.json, "feed").is_array();
  }
  // The App View names its errors by their message alone where the lexicon has no name for them.
  constexpr long bad_request = 400;
  return response.status == bad_request && (response.error == "NotFound" || response.why.ends_with("not found"));
}

std::vector<Sighting> sightings(const Route& route, const Response& response, const AuditedAccount& viewer,
                                std::span<const KeyState* const> keys) {
  const Json& json = response.json;
  const Json& feed = member(json, "feed");
  const Json& profiles = member(json, "profiles");
  const bool last_page = response.ok() && text(json, "cursor").empty();
  const bool thread = route.name == "getPostThread";
  std::string root;
  Posts posts;
  if (feed.is_array()) posts = posts_of_feed(feed);
  if (thread) take_thread(posts, member(json, "thread"));
  std::vector<Sighting> found;
  for (const KeyState* key : keys) {
    Sighting& one = found.emplace_back();
    if (key == nullptr) continue;
    if (thread && root.empty()) root = root_of(*key);
    if (thread && root_of(*key) != root) continue;
    if (!response.ok()) {
      one = decided({});
    } else if (is_profile_field(key->kind)) {
      const bool several = route.name == "getProfiles";
      one = of_field(several && profiles.is_array() && !profiles.empty() ? profiles.front() : json, viewer, key->kind);
    } else if (key->kind == like_kind) {
      one = in_likes(posts, last_page, viewer, *key);
    } else if (key->kind == repost_kind) {
      one = in_reposts(feed, last_page, viewer, *key);
    } else {
      one = in_feed(posts, thread || last_page, *key);
    }
  }
  return found;
}

std::string evidence(const Response& response, bool through_pds, const KeyState& key, const Value& seen) {
  if (key.rev.empty() || seen == key.acknowledged) return {};
  if (!response.ok()) return "refused";
  if (response.rev.empty()) return through_pds ? "merged but incomplete" : "no rev told";
  return response.rev < key.rev ? "lag admitted" : "rev overtakes data";
}

}  // namespace afterwrite::atproto
