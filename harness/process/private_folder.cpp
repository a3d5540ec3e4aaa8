#include "harness/process/private_folder.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <set>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "harness/process/marker.hpp"
#include "harness/process/watchdog.hpp"

namespace afterwrite {

namespace {

namespace fs = std::filesystem;

fs::path folder_of_temporary_files() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? fs::absolute(chosen) : fs::path("/tmp");
}

bool may_enter(const fs::path& folder, const Account& account) {
  struct stat found {};
  if (::stat(folder.c_str(), &found) < 0) return false;
  if (found.st_uid == account.uid) return (found.st_mode & S_IXUSR) != 0;
  if (found.st_gid == account.gid) return (found.st_mode & S_IXGRP) != 0;
  return (found.st_mode & S_IXOTH) != 0;
}

/// Said here, because the server's own message would speak of a folder that the user has never heard of.
void require_reachable(const fs::path& folder, const Account& account) {
  for (fs::path step = folder;; step = step.parent_path()) {
    if (!may_enter(step, account)) {
      throw ProcessError(
          fmt::format("user {}, whom servers run as when we are root, may not enter {}; set TMPDIR to a "
                      "folder that everyone may enter, such as /tmp",
                      account.name, step.string()));
    }
    if (step == step.parent_path()) return;
  }
}

[[noreturn]] void fail(const fs::path& folder) {
  throw ProcessError(fmt::format("cannot make a private folder in {}: {}; set TMPDIR to a folder that can be written",
                                 folder.string(), std::strerror(errno)));
}

}  // namespace

PrivateFolder::PrivateFolder(const std::optional<Account>& owner) {
  const fs::path parent = folder_of_temporary_files();
  std::string name = (parent / private_folder_prefix).string() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) fail(parent);
  path_ = name;
  try {
    if (owner) require_reachable(parent, *owner);
    // Before anything is in it: without a marker the watchdog removes it only if it is empty.
    Watchdog::instance().watch_folder(path_);
    lock_ = create_marker(path_);
    if (!lock_) fail(parent);
    if (owner && ::chown(path_.c_str(), owner->uid, owner->gid) < 0) fail(parent);
  } catch (...) {
    remove();
    throw;
  }
}

PrivateFolder& PrivateFolder::operator=(PrivateFolder&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
    lock_ = std::move(other.lock_);
  }
  return *this;
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

PrivateFolder::~PrivateFolder() {
  remove();
}

void PrivateFolder::remove() noexcept {
  if (path_.empty()) return;
  // A process that was just killed may have made a file while we removed its folder.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (!remove_marked_folder(path_) && std::chrono::steady_clock::now() < deadline)
    ::poll(nullptr, 0, 5);
  Watchdog::instance().forget_folder(path_);
  path_.clear();
  lock_.close();
}

std::vector<fs::path> sweep_leftovers() {
  std::vector<fs::path> removed;
  for (const auto& parent : std::set<fs::path>{folder_of_temporary_files(), "/tmp"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(parent, error)) {
      if (!entry.path().filename().string().starts_with(private_folder_prefix)) continue;
      const Descriptor nobody_holds_it = lock_marker(entry.path(), MarkerLock::exclusive);
      if (nobody_holds_it && remove_marked_folder(entry.path())) removed.push_back(entry.path());
    }
  }
  return removed;
}

}  // namespace afterwrite
