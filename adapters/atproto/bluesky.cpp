#include "adapters/atproto/bluesky.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

constexpr std::array profile_fields{"displayName", "description", "pronouns", "website"};

constexpr std::string_view site = "https://example.test/";

// What the PDS merges into an answer at most.
constexpr std::size_t merged_records = 10;

struct Kinds {
  const char* route;
  const char* area;  // of its nsid
  std::vector<std::string> kinds;
};

std::vector<Kinds> routes() {
  const std::vector<std::string> fields(profile_fields.begin(), profile_fields.end());
  return {{"getProfile", "actor", fields},
          {"getProfiles", "actor", fields},
          {"getActorLikes", "feed", {like_kind}},
          {"getAuthorFeed", "feed", {post_kind, reply_kind, newcomer_kind}},
          {"getListFeed", "feed", {post_kind, reply_kind}},
          {"getPostThread", "feed", {post_kind, reply_kind, newcomer_kind}},
          {"getTimeline", "feed", {post_kind, reply_kind, newcomer_kind}}};
}

std::vector<Deed> deeds(bool own) {
  std::vector<Deed> all;
  for (const char* field : profile_fields) {
    all.push_back({.name = fmt::format("profile {}", field), .steps = {{.kind = field}}});
  }
  all.push_back({.name = "post", .steps = {{.kind = post_kind}}});
  all.push_back({.name = "reply", .steps = {{.kind = reply_kind}}});
  all.push_back({.name = "like", .steps = {{.kind = like_kind}}});
  all.push_back({.name = "posts in one commit", .steps = {{.kind = post_kind, .count = 5}}, .together = true});
  if (own) all.push_back({.name = "first record of an account", .steps = {{.kind = newcomer_kind}}});
  all.push_back({.name = "eleventh pending record",
                 .steps = {{.kind = like_kind, .count = merged_records}, {.kind = post_kind}},
                 .alone = true});
  all.push_back({.name = "delete of a post", .steps = {{.kind = post_kind, .remove = true}}, .promised = false});
  all.push_back({.name = "delete of a like", .steps = {{.kind = like_kind, .remove = true}}, .promised = false});
  return all;
}

}  // namespace

bool is_profile_field(std::string_view kind) {
  return std::find(profile_fields.begin(), profile_fields.end(), kind) != profile_fields.end();
}

std::string as_written(std::string_view field, const std::string& value) {
  return field == "website" ? std::string(site) + value : value;
}

Value as_meant(const std::string& text) {
  return text.starts_with(site) ? text.substr(site.size()) : text;
}

const char* collection_of(std::string_view kind) {
  if (is_profile_field(kind)) return profile_collection;
  return kind == like_kind ? like_collection : post_collection;
}

std::optional<Route> route_of(const View& view) {
  const std::string name = view.name.substr(0, view.name.find(' '));
  for (const Kinds& route : routes()) {
    if (name == route.route) return Route{name, fmt::format("app.bsky.{}.{}", route.area, name)};
  }
  return std::nullopt;
}

Catalogue bluesky_catalogue(bool own) {
  Catalogue catalogue;
  for (const Kinds& route : routes()) {
    catalogue.views.push_back({.name = route.route, .node = pds_node, .kinds = route.kinds, .promised = true});
    if (!own) continue;
    catalogue.views.push_back({.name = fmt::format("{} (App View)", route.route),
                               .node = appview_node,
                               .kinds = route.kinds,
                               .promised = false});
  }
  catalogue.deeds = deeds(own);
  catalogue.single.assign(profile_fields.begin(), profile_fields.end());
  catalogue.most_in_an_episode = merged_records;
  return catalogue;
}

KeyName parse_key(const std::string& key) {
  const std::size_t first = key.find('/');
  const std::size_t second = key.find('/', first == std::string::npos ? first : first + 1);
  KeyName name{key.substr(0, first), {}, {}};
  if (first != std::string::npos)
    name.kind = key.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  if (second != std::string::npos) name.number = key.substr(second + 1);
  const bool known = is_profile_field(name.kind) || name.kind == post_kind || name.kind == reply_kind ||
                     name.kind == like_kind || name.kind == newcomer_kind;
  if (name.user.empty() || !known) {
    throw UsageError(fmt::format(
        "atproto: '{}' is no key of Bluesky's; this system is for the workload views (--workload views)", key));
  }
  return name;
}

}  // namespace afterwrite::atproto
