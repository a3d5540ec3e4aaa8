#include "adapters/atproto/installation.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <unistd.h>

#include "adapters/atproto/boot_scripts.hpp"
#include "adapters/atproto/members.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

namespace fs = std::filesystem;

/// As scripts/install-atproto chooses it.
fs::path folder_of_caches() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string caches = set("XDG_CACHE_HOME"); !caches.empty()) return caches;
  if (const std::string home = set("HOME"); !home.empty()) return fs::path(home) / ".cache";
  throw EnvironmentError(
      "the Bluesky stack: neither XDG_CACHE_HOME nor HOME is set, so its folder is not known; set one of them");
}

/// The first that npm says it has put there and that is not there; empty if all are.
std::string missing_in(const Installation& installation) {
  const fs::path listed = installation.modules / ".package-lock.json";
  std::ifstream file(listed);
  const nlohmann::json list = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (list.is_discarded() || !member(list, "packages").is_object())
    return listed.lexically_relative(installation.folder).string();
  std::error_code unreachable;
  for (const auto& [package, about] : member(list, "packages").items()) {
    if (!fs::exists(installation.folder / package / "package.json", unreachable)) return package;
  }
  return {};
}

}  // namespace

Installation find_installation() {
  const fs::path folder = fs::absolute(folder_of_caches() / "afterwrite" / fmt::format("atproto-{}", lock_hash()));
  Installation found{folder, folder / "node", folder / "node_modules"};
  std::error_code unreachable;
  if (access(found.node.c_str(), X_OK) == 0 && fs::is_directory(found.modules, unreachable)) {
    const std::string missing = missing_in(found);
    if (missing.empty()) return found;
    throw EnvironmentError(
        fmt::format("the Bluesky stack in {} is damaged: {} is missing; remove it (rm -r {}), and run "
                    "scripts/install-atproto of this version's source",
                    folder.string(), missing, folder.string()));
  }
  throw EnvironmentError(fmt::format(
      "the Bluesky stack is not installed: there is no {}; run scripts/install-atproto of this version's source, as "
      "the user that runs afterwrite",
      folder.string()));
}

}  // namespace afterwrite::atproto
