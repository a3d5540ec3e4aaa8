#include "harness/process/marker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace afterwrite {

namespace {

namespace fs = std::filesystem;

constexpr const char* marker_name = ".afterwrite";
constexpr const char* unfinished_marker_name = ".afterwrite.new";

/// The folder itself, not one that a symlink of that name leads to.
Descriptor open_folder(const fs::path& folder) {
  return Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// A marker is a regular file that we (or an earlier process of the same user) own.
Descriptor open_marker(const Descriptor& folder) {
  Descriptor marker(::openat(folder.get(), marker_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat found {};
  if (!marker || ::fstat(marker.get(), &found) < 0 || !S_ISREG(found.st_mode) || found.st_uid != ::geteuid()) return {};
  return marker;
}

}  // namespace

Descriptor create_marker(const fs::path& folder) {
  const Descriptor opened = open_folder(folder);
  if (!opened) return {};
  // Under its final name only when it is locked: an unlocked marker says that the owner is gone.
  Descriptor marker(::openat(opened.get(), unfinished_marker_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!marker) return {};
  const auto text = fmt::format("A private folder of afterwrite, process {}. Removed when that ends.\n", ::getpid());
  if (::flock(marker.get(), LOCK_SH) < 0 || ::write(marker.get(), text.data(), text.size()) < 0 ||
      ::renameat(opened.get(), unfinished_marker_name, opened.get(), marker_name) < 0) {
    const int error = errno;
    ::unlinkat(opened.get(), unfinished_marker_name, 0);
    errno = error;
    return {};
  }
  return marker;
}

Descriptor lock_marker(const fs::path& folder, MarkerLock lock) {
  const Descriptor opened = open_folder(folder);
  if (!opened) return {};
  Descriptor marker = open_marker(opened);
  const int operation = (lock == MarkerLock::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  if (!marker || ::flock(marker.get(), operation) < 0) return {};
  return marker;
}

bool remove_marked_folder(const fs::path& folder) noexcept try {
  const Descriptor opened = open_folder(folder);
  if (!opened) return errno == ENOENT;
  const bool ours = static_cast<bool>(open_marker(opened));
  if (ours) {
    // By descriptor: whoever owns the folder cannot put a symlink in its place meanwhile.
    const fs::path here = fmt::format("/proc/self/fd/{}", opened.get());
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(here)) {
      if (entry.path().filename() != marker_name) fs::remove_all(entry.path(), error);
      if (error) return false;
    }
    ::unlinkat(opened.get(), marker_name, 0);
  }
  if (::rmdir(folder.c_str()) == 0 || errno == ENOENT) return true;
  // Something was made in it while we looked: it stays a private folder, for the next try.
  if (ours) Descriptor(::openat(opened.get(), marker_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return false;
} catch (...) {
  return false;
}

}  // namespace afterwrite
