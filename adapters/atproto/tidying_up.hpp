#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "adapters/atproto/shared.hpp"

namespace afterwrite::atproto {

/// Deletes every record that a run wrote into an account of the user's, a few a second, puts the profile back unless
/// somebody else has written it since, and ends the login. Never touches what the run did not write. Ends early once
/// `end` is requested, and once the server has answered nothing for `patience`, which is also the deadline of each
/// call.
///
/// Returns what is to be told on stderr of what could not be done; empty if all was. The account has traces.
std::string tidy_up(const Server& pds, AuditedAccount& account, const std::stop_token& end = {},
                    Duration patience = std::chrono::seconds(10));

/// What is to be told if nothing more can be done: what the run wrote that may still be there. Empty if there is
/// nothing. Any thread may call; `account` has traces.
std::string left_behind(const AuditedAccount& account, const std::string& why);

}  // namespace afterwrite::atproto
