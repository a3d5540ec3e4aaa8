#include "adapters/atproto/views.hpp"

#include <algorithm>
#include <functional>
#include <map>

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
    std::string time = text(record, "createdAt");
    if (const std::string indexed = text(post, "indexedAt"); !indexed.empty()) time = std::min(time, indexed);
    if (oldest_.empty() || time < oldest_) oldest_ = time;
  }

  const std::string* find(const std::string& uri) const {
    const auto found = shown_.find(uri);
    return found == shown_.end() ? nullptr : &found->second;
  }
  const std::string& oldest() const { return oldest_; }

 private:
  std::map<std::string, std::string> shown_;  // uri -> text
  std::string oldest_;
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
  const bool within = last_page || (!posts.oldest().empty() && posts.oldest() < key.created_at);
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

}  // namespace

Value shown_value(const AuditedAccount& account, const std::string& kind, const std::string& shown) {
  if (!is_profile_field(kind)) return shown;
  return shown.empty() || shown == text(account.first_profile, kind.c_str()) ? Value{} : as_meant(shown);
}

std::optional<Parameters> parameters_of(const Route& route, const AuditedAccount& viewer,
                                        std::span<const KeyState* const> keys) {
  const std::string page = std::to_string(feed_page);
  if (route.name == "getProfile") return Parameters{{"actor", viewer.who.did}};
  if (route.name == "getProfiles") return Parameters{{"actors", viewer.who.did}};
  if (route.name == "getActorLikes" || route.name == "getAuthorFeed") {
    return Parameters{{"actor", viewer.who.did}, {"limit", page}};
  }
  if (route.name == "getListFeed") return Parameters{{"list", viewer.list_uri}, {"limit", page}};
  if (route.name == "getTimeline") return Parameters{{"limit", page}};
  const auto first = std::find_if(keys.begin(), keys.end(), [](const KeyState* key) { return key != nullptr; });
  if (first == keys.end()) return std::nullopt;
  return Parameters{{"uri", root_of(**first)}, {"depth", "6"}, {"parentHeight", "0"}};
}

bool tells(const Route& route, const Response& response) {
  if (response.ok()) {
    // An answer without what it is about shows nothing, and is no proof that nothing is there.
    if (route.name == "getProfile") return !text(response.json, "did").empty();
    if (route.name == "getProfiles") return member(response.json, "profiles").is_array() && !member(response.json, "profiles").empty();
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
