#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace afterwrite::atproto {

/// adapters/atproto/stack/*.mjs as they were when this was built: names and contents. Any thread may call.
std::vector<std::pair<std::string_view, std::string_view>> boot_scripts();

/// The first 16 digits of the SHA-256 of adapters/atproto/stack/package-lock.json then.
std::string_view lock_hash();

}  // namespace afterwrite::atproto
