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

constexpr std::array post_kinds{post_kind,      reply_kind,    newcomer_kind, first_post_kind,
                                backdated_kind, threaded_kind, picture_kind};

using Kinds = std::vector<std::string>;

/// A route as it is asked plainly.
struct Plain {
  const char* name;
  const char* area;  // of its nsid
  Kinds kinds;
};

/// One of them, asked in another way.
struct Variant {
  const char* route;
  const char* how;
  Kinds kinds;
  bool promised = true;
  Eyes eyes = Eyes::own;
  std::map<std::string, std::string> parameters{};
};

Kinds fields() {
  return {profile_fields.begin(), profile_fields.end()};
}

std::vector<Plain> routes(Extent extent) {
  Kinds posts{post_kind, reply_kind};
  Kinds feeds = posts;
  if (extent != Extent::foreign) feeds.emplace_back(newcomer_kind);
  if (extent == Extent::beyond) {
    feeds.emplace_back(first_post_kind);
    for (Kinds* const kinds : {&posts, &feeds})
      kinds->insert(kinds->end(), {backdated_kind, threaded_kind, picture_kind});
  }
  Kinds reposts = feeds;
  if (extent == Extent::beyond) reposts.emplace_back(repost_kind);
  return {{"getProfile", "actor", fields()},      {"getProfiles", "actor", fields()},
          {"getActorLikes", "feed", {like_kind}}, {"getAuthorFeed", "feed", reposts},
          {"getListFeed", "feed", posts},         {"getPostThread", "feed", feeds},
          {"getTimeline", "feed", reposts}};
}

// What another account is shown, the documentation says, is as the App View has it.
const std::vector<Variant>& variants() {
  static const Kinds plain_posts{post_kind, reply_kind};
  static const std::vector<Variant> all{
      {.route = "getAuthorFeed",
       .how = "posts_no_replies",
       .kinds = {post_kind, backdated_kind, first_post_kind},
       .parameters = {{"filter", "posts_no_replies"}}},
      {.route = "getAuthorFeed",
       .how = "posts_and_author_threads",
       .kinds = {post_kind, reply_kind, threaded_kind},
       .parameters = {{"filter", "posts_and_author_threads"}}},
      {.route = "getAuthorFeed",
       .how = "posts_with_media",
       .kinds = {picture_kind},
       .parameters = {{"filter", "posts_with_media"}}},
      {.route = "getAuthorFeed",
       .how = "pinned post first",
       .kinds = plain_posts,
       .parameters = {{"includePins", "true"}}},
      {.route = "getProfile", .how = "second device", .kinds = fields(), .eyes = Eyes::second_device},
      {.route = "getAuthorFeed", .how = "second device", .kinds = plain_posts, .eyes = Eyes::second_device},
      {.route = "getTimeline", .how = "second device", .kinds = plain_posts, .eyes = Eyes::second_device},
      {.route = "getProfile", .how = "another's view", .kinds = fields(), .promised = false, .eyes = Eyes::another},
      {.route = "getAuthorFeed",
       .how = "another's view",
       .kinds = plain_posts,
       .promised = false,
       .eyes = Eyes::another},
      {.route = "getPostThread",
       .how = "another's view",
       .kinds = plain_posts,
       .promised = false,
       .eyes = Eyes::another},
      {.route = "getTimeline", .how = "another's view", .kinds = plain_posts, .promised = false, .eyes = Eyes::another},
  };
  return all;
}

std::string name_of(const Variant& variant) {
  return fmt::format("{} ({})", variant.route, variant.how);
}

Deed single(std::string name, const char* kind) {
  return {.name = std::move(name), .steps = {{.kind = kind}}};
}

std::vector<Deed> deeds(Extent extent) {
  std::vector<Deed> all;
  for (const char* field : profile_fields)
    all.push_back(single(fmt::format("profile {}", field), field));
  all.push_back(single("post", post_kind));
  all.push_back(single("reply", reply_kind));
  all.push_back(single("like", like_kind));
  all.push_back({.name = "posts in one commit", .steps = {{.kind = post_kind, .count = 5}}, .together = true});
  if (extent != Extent::foreign) all.push_back(single("first record of an account", newcomer_kind));
  all.push_back({.name = "eleventh pending record",
                 .steps = {{.kind = like_kind, .count = merged_records}, {.kind = post_kind}},
                 .alone = true});
  all.push_back({.name = "delete of a post", .steps = {{.kind = post_kind, .remove = true}}, .promised = false});
  all.push_back({.name = "delete of a like", .steps = {{.kind = like_kind, .remove = true}}, .promised = false});
  if (extent != Extent::beyond) return all;
  all.push_back(single("first post of an account", first_post_kind));
  all.push_back(single("back-dated post", backdated_kind));
  all.push_back({.name = "reply under an own new post", .steps = {{.kind = post_kind}, {.kind = threaded_kind}}});
  all.push_back(single("post with a picture", picture_kind));
  all.push_back(single("repost", repost_kind));
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

bool needs_an_account(std::string_view kind) {
  return kind == newcomer_kind || kind == first_post_kind;
}

const char* collection_of(std::string_view kind) {
  if (is_profile_field(kind)) return profile_collection;
  if (kind == repost_kind) return repost_collection;
  return kind == like_kind ? like_collection : post_collection;
}

std::optional<Route> route_of(const View& view) {
  const std::string name = view.name.substr(0, view.name.find(' '));
  for (const Plain& plain : routes(Extent::beyond)) {
    if (name != plain.name) continue;
    Route route{.name = name, .nsid = fmt::format("app.bsky.{}.{}", plain.area, name)};
    for (const Variant& variant : variants()) {
      if (name_of(variant) != view.name) continue;
      route.eyes = variant.eyes;
      route.parameters = variant.parameters;
    }
    return route;
  }
  return std::nullopt;
}

Catalogue bluesky_catalogue(Extent extent) {
  Catalogue catalogue;
  for (const Plain& plain : routes(extent)) {
    catalogue.views.push_back({.name = plain.name, .node = pds_node, .kinds = plain.kinds, .promised = true});
    if (extent == Extent::foreign) continue;
    catalogue.views.push_back({.name = fmt::format("{} (App View)", plain.name),
                               .node = appview_node,
                               .kinds = plain.kinds,
                               .promised = false});
  }
  if (extent == Extent::beyond) {
    for (const Variant& variant : variants()) {
      catalogue.views.push_back(
          {.name = name_of(variant), .node = pds_node, .kinds = variant.kinds, .promised = variant.promised});
    }
  }
  catalogue.deeds = deeds(extent);
  catalogue.single = fields();
  catalogue.most_pending = merged_records;
  return catalogue;
}

KeyName parse_key(const std::string& key) {
  const std::size_t first = key.find('/');
  const std::size_t second = key.find('/', first == std::string::npos ? first : first + 1);
  KeyName name{key.substr(0, first), {}, {}};
  if (first != std::string::npos)
    name.kind = key.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  if (second != std::string::npos) name.number = key.substr(second + 1);
  const bool known = is_profile_field(name.kind) || name.kind == like_kind || name.kind == repost_kind ||
                     std::find(post_kinds.begin(), post_kinds.end(), name.kind) != post_kinds.end();
  if (name.user.empty() || !known) {
    throw UsageError(fmt::format(
        "atproto: '{}' is no key of Bluesky's; this system is for the workload views (--workload views)", key));
  }
  return name;
}

}  // namespace afterwrite::atproto
