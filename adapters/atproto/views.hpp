#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/atproto/audited_account.hpp"
#include "adapters/atproto/bluesky.hpp"
#include "adapters/atproto/xrpc.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::atproto {

/// How many of a feed's posts are asked for.
inline constexpr std::size_t feed_page = 30;

/// What a text that is shown for a key of this kind means: a field of the profile that is as it was before the run
/// counts as nothing there.
Value shown_value(const AuditedAccount& account, const std::string& kind, const std::string& shown);

/// What a route is asked for these keys, which are the viewer's own. A thread is one root's: that of the first key.
/// Nothing if there is nothing to ask yet, because no such record was ever sent.
std::optional<Parameters> parameters_of(const Route& route, const AuditedAccount& viewer,
                                        std::span<const KeyState* const> keys);

/// What an answer tells of the keys (null where nothing is known of one): those that it shows; those that would stand
/// within what it shows, or on a page that is the last; and those whose record it says is not found. All others stay
/// undecided. Feeds come newest first. A response that tells nothing at all is not to be asked about: see tells().
std::vector<Sighting> sightings(const Route& route, const Response& response, const AuditedAccount& viewer,
                                std::span<const KeyState* const> keys);

/// Whether a response tells anything of what is there: a success that holds what the route is about, or a refusal that
/// says that it is not found.
bool tells(const Route& route, const Response& response);

/// Why a read misses what its session wrote, as far as the answer tells: `lag admitted` (it reflects less than the
/// write), `rev overtakes data` (it reflects the write, it says), `merged but incomplete`, `refused`, or, at the App
/// View, `no rev told`. Empty if the read shows the last acknowledged write, or none was.
std::string evidence(const Response& response, bool through_pds, const KeyState& key, const Value& seen);

}  // namespace afterwrite::atproto
