#pragma once

#include "adapters/atproto/shared.hpp"

namespace afterwrite::atproto {

/// Deletes every record that a run wrote into an account of the user's, a few a second, and puts the profile back.
/// Records that cannot be deleted are told on stderr. Never touches what the run did not write.
void tidy_up(const Server& pds, const AuditedAccount& account);

}  // namespace afterwrite::atproto
