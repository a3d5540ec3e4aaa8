#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "harness/process/account.hpp"
#include "harness/process/descriptor.hpp"
#include "harness/process/error.hpp"

namespace afterwrite {

/// A folder of the run's own, `afterwrite-XXXXXX` under $TMPDIR or /tmp, closed to other users, removed with all that
/// is in it by the destructor, or by the Watchdog if we do not get that far, or by sweep_leftovers() if neither did.
///
/// A marker file in it says that it is ours. The marker is locked as long as we live, which is how sweep_leftovers()
/// tells a leftover from a live run. The one thing that no other user's folder or symlink can do is pass for one of
/// these.
///
/// Any thread may create one; one thread at a time may use it. End the processes that work in it first.
class PrivateFolder {
 public:
  /// With an `owner` the folder belongs to that account (a server that dropped root writes there).
  /// Throws ProcessError if it cannot be made, or if the owner could not reach it.
  explicit PrivateFolder(const std::optional<Account>& owner = std::nullopt);
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&& other) noexcept;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();

  /// Absolute. A program that wants an empty folder (initdb) must make one inside: the marker lies here.
  const std::filesystem::path& path() const { return path_; }

 private:
  void remove() noexcept;

  std::filesystem::path path_;
  Descriptor lock_;
};

/// Removes the private folders under $TMPDIR and /tmp whose run is gone, and returns them. Folders of a live run, of
/// another user, or without our marker are never touched. What cannot be removed is left. Any thread may call.
std::vector<std::filesystem::path> sweep_leftovers();

}  // namespace afterwrite
