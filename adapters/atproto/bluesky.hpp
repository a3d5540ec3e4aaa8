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
inline constexpr const char* repost_collection = "app.bsky.feed.repost";
inline constexpr const char* follow_collection = "app.bsky.graph.follow";

/// The kinds of keys. Of profile fields each user has one, named like the field.
inline constexpr const char* post_kind = "post";
inline constexpr const char* reply_kind = "reply";
inline constexpr const char* like_kind = "like";
inline constexpr const char* newcomer_kind = "newcomer";  ///< a post by an account that has no other record
inline constexpr const char* first_post_kind = "first";   ///< a post by an account that has other records, but no post
inline constexpr const char* backdated_kind = "backdated";  ///< a post that says that it was written a day ago
inline constexpr const char* threaded_kind = "threaded";    ///< a reply to the account's newest post
inline constexpr const char* picture_kind = "picture";      ///< a post that embeds a picture
inline constexpr const char* repost_kind = "repost";

bool is_profile_field(std::string_view kind);
/// Whether records of this kind are of an account each that nobody has used yet.
bool needs_an_account(std::string_view kind);
/// How a field holds a value, and back: a website has to be a URI.
std::string as_written(std::string_view field, const std::string& value);
Value as_meant(const std::string& text);
/// The collection that records of this kind are in.
const char* collection_of(std::string_view kind);

/// Who looks.
enum class Eyes {
  own,
  second_device,  ///< the same account, logged in once more
  another,        ///< another account at the same PDS, which follows this one
};

/// A route of the App View that answers for keys, and how it is asked.
struct Route {
  std::string name;  ///< `getTimeline`
  std::string nsid;  ///< `app.bsky.feed.getTimeline`
  Eyes eyes = Eyes::own;
  std::map<std::string, std::string> parameters{};  ///< beside those that name whom or what it is about
};
/// The route that a view of the catalogue asks; nothing if there is none.
std::optional<Route> route_of(const View& view);

/// Whose PDS is audited, and how much of it.
enum class Extent {
  foreign,  ///< one of the user's
  own,      ///< of our own: its App View can be asked itself, and new accounts can be made
  beyond,  ///< the same, and routes are asked in other ways as well: filters, a pinned post, a second device, another's
           ///< view
};

/// The seven routes of which the documentation says that the PDS merges the user's own new records into their answers,
/// and the ways to write.
Catalogue bluesky_catalogue(Extent extent);

/// `u0` of `u0/post/s0-3`, `post`, and `s0-3`, which single kinds lack.
struct KeyName {
  std::string user;
  std::string kind;
  std::string number;
};
/// Throws UsageError for a key that is none of Bluesky's.
KeyName parse_key(const std::string& key);

}  // namespace afterwrite::atproto
