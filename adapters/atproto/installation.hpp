#pragma once

#include <filesystem>

namespace afterwrite::atproto {

/// npm's packages as scripts/install-atproto leaves them, in a cache of the user's.
struct Installation {
  std::filesystem::path folder;
  std::filesystem::path node;     ///< the program
  std::filesystem::path modules;  ///< node_modules
};

/// The one that belongs to this build. Any thread may call. Throws EnvironmentError, saying how to get it.
Installation find_installation();

}  // namespace afterwrite::atproto
