#include "harness/cli/followed_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "harness/cli/streams.hpp"
#include "harness/history/bad_history.hpp"

namespace afterwrite {

namespace {

/// Between two looks where no notice comes.
constexpr Duration longest_wait = std::chrono::milliseconds(250);

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

FollowedFile::FollowedFile(std::filesystem::path file, std::stop_token stop)
    : path_(std::move(file)),
      name_(path_.string()),
      stop_(std::move(stop)),
      notices_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      stopped_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // Watched before the first look, so that nothing comes about in between unseen.
  watch(folder_of(path_), IN_CREATE | IN_MOVED_TO);
  if (open_if_there()) return;
  std::error_code unseen;
  if (!std::filesystem::is_directory(folder_of(path_), unseen)) {
    throw BadHistory(fmt::format("{}: is not there, nor is its folder; name a file that will be written", name_));
  }
  say(fmt::format("waiting for {}: it is not there yet\n", name_));
  while (!stop_.stop_requested() && !open_if_there())
    wait(Clock::now() + longest_wait);
}

FollowedFile::~FollowedFile() {
  for (const int descriptor : {notices_, stopped_, file_}) {
    if (descriptor >= 0) ::close(descriptor);
  }
}

void FollowedFile::watch(const std::filesystem::path& path, std::uint32_t events) const {
  // That it may fail is what longest_wait is for.
  if (notices_ >= 0) static_cast<void>(::inotify_add_watch(notices_, path.c_str(), events));
}

bool FollowedFile::open_if_there() {
  // Not blocking: a pipe would wait for its writer here.
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 && errno == ENOENT) return false;
  const auto refuse = [&](const std::string& reason) {
    throw BadHistory(fmt::format("{}: {}; name a history.jsonl that is being written", name_, reason));
  };
  if (descriptor < 0) refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
  file_ = descriptor;
  struct stat status {};
  if (::fstat(file_, &status) != 0) refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
  if (S_ISDIR(status.st_mode)) refuse("is a folder");
  if (!S_ISREG(status.st_mode)) refuse("is no regular file, which --follow needs");
  watch(path_, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
  return true;
}

std::size_t FollowedFile::read(char* buffer, std::size_t size) {
  while (true) {
    const ssize_t count = ::read(file_, buffer, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw BadHistory(fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    if (count == 0) require_same_file();
    if (read_ == 0) require_plain(std::string_view(buffer, static_cast<std::size_t>(count)));
    read_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }
}

void FollowedFile::require_plain(std::string_view beginning) const {
  if (!beginning.starts_with("\x1f\x8b") && !beginning.starts_with("\x28\xb5\x2f\xfd")) return;
  throw BadHistory(fmt::format("{}: is packed, and only a plain history can be followed; unpack it, or leave --follow out", name_));
}

void FollowedFile::require_same_file() const {
  const auto refuse = [&](const std::string& what) {
    throw BadHistory(fmt::format(
        "{}: {} while it was followed, after {} bytes; follow a history that is only appended to", name_, what, read_));
  };
  struct stat followed {};
  struct stat named {};
  if (::fstat(file_, &followed) == 0 && static_cast<std::uint64_t>(followed.st_size) < read_) refuse("was truncated");
  if (::stat(path_.c_str(), &named) != 0) {
    if (errno == ENOENT) refuse("was removed");
    return;  // the folder cannot be looked into just now
  }
  if (named.st_dev != followed.st_dev || named.st_ino != followed.st_ino) refuse("was replaced by another file");
}

void FollowedFile::wait(Deadline deadline) {
  const std::stop_callback wake(stop_, [this] { static_cast<void>(::eventfd_write(stopped_, 1)); });
  const auto patience = std::min<Duration>(deadline - Clock::now(), longest_wait);
  std::array<pollfd, 2> watched{{{notices_, POLLIN, 0}, {stopped_, POLLIN, 0}}};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(std::max(patience, Duration{})).count();
  if (::poll(watched.data(), watched.size(), static_cast<int>(milliseconds)) <= 0) return;
  // What happened is seen by looking at the file; the notices are only taken away.
  std::array<char, 4096> notices{};
  while (notices_ >= 0 && ::read(notices_, notices.data(), notices.size()) > 0)
    continue;
}

}  // namespace afterwrite
