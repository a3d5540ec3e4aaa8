#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/session/view.hpp"

/// Bluesky's names: collections, routes, and what of them the run uses.
namespace afterwrite::atproto {

inline constexpr const char* pds_node = "pds";
inline constexpr const char* appview_node = "appview";

inline constexpr const char* post_collection = "app.bsky.feed.post";
inline constexpr const char* like_collection = "app.bsky.feed.like";
inline constexpr const char* profile_collection = "app.bsky.actor.profile";
inline constexpr const char* list_collection = "app.bsky.graph.list";
inline constexpr const char* member_collection = "app.bsky.graph.listitem";

/// The kinds of keys. Of profile fields each user has one, named like the field.
inline constexpr const char* post_kind = "post";
inline constexpr const char* reply_kind = "reply";
inline constexpr const char* like_kind = "like";
inline constexpr const char* newcomer_kind = "newcomer";  ///< a post by an account that has no other record

bool is_profile_field(std::string_view kind);
/// How a field holds a value, and back: a website has to be a URI.
std::string as_written(std::string_view field, const std::string& value);
Value as_meant(const std::string& text);
/// The collection that records of this kind are in.
const char* collection_of(std::string_view kind);

/// A route of the App View that answers for keys.
struct Route {
  std::string name;  ///< `getTimeline`
  std::string nsid;  ///< `app.bsky.feed.getTimeline`
};
/// The route that a view of the catalogue asks; nothing if there is none.
std::optional<Route> route_of(const View& view);

/// The seven routes of which the documentation says that the PDS merges the user's own new records into their answers,
/// through the PDS and, in a stack of our `own`, at the App View itself; and the ways to write, of which that with a
/// new account is for our own only.
Catalogue bluesky_catalogue(bool own);

/// `u0` of `u0/post/s0-3`, `post`, and `s0-3`, which single kinds lack.
struct KeyName {
  std::string user;
  std::string kind;
  std::string number;
};
/// Throws UsageError for a key that is none of Bluesky's.
KeyName parse_key(const std::string& key);

}  // namespace afterwrite::atproto
