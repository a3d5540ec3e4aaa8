#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

#include "harness/session/clock.hpp"

namespace afterwrite {

/// A file that another program appends to. Woken by the kernel (inotify) when it grows; where that tells nothing, as on
/// a network file system, it is looked at several times a second. Used by one thread.
class FollowedFile {
 public:
  /// Opens the file, and waits for it, if it is not there yet, until `stop`; then is_open() is false. Throws BadHistory
  /// if it cannot be there (no such folder) or is no regular file.
  FollowedFile(std::filesystem::path file, std::stop_token stop);
  FollowedFile(const FollowedFile&) = delete;
  FollowedFile& operator=(const FollowedFile&) = delete;
  ~FollowedFile();

  bool is_open() const { return file_ >= 0; }

  /// What is there and was not read yet, at most `size` bytes; 0 if nothing is. Throws BadHistory if the file shrank,
  /// was replaced by another or removed: what was read then is no history's beginning any more.
  std::size_t read(char* buffer, std::size_t size);

  /// Returns when the file may have grown, after `stop`, and at the deadline at the latest.
  void wait(Deadline deadline);

 private:
  bool open_if_there();
  void require_plain(std::string_view beginning) const;
  void require_same_file() const;
  void watch(const std::filesystem::path& path, std::uint32_t events) const;

  std::filesystem::path path_;
  std::string name_;
  std::stop_token stop_;
  int notices_ = -1;  // inotify
  int stopped_ = -1;  // eventfd
  int file_ = -1;
  std::uint64_t read_ = 0;
};

}  // namespace afterwrite
