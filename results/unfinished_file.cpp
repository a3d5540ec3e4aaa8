#include "results/unfinished_file.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace afterwrite {
namespace {

void check(bool done) {
  if (!done) throw std::system_error(errno, std::generic_category());
}

}  // namespace

std::filesystem::path UnfinishedFile::name_for(const std::filesystem::path& target) {
  return target.parent_path() / fmt::format(".{}.{}.unfinished", target.filename().string(), ::getpid());
}

UnfinishedFile::UnfinishedFile(const std::filesystem::path& target)
    : target_(target),
      name_(name_for(target)),
      descriptor_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666)) {
  check(descriptor_ >= 0);
}

UnfinishedFile::~UnfinishedFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(name_.c_str());
}

void UnfinishedFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    check(count > 0);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void UnfinishedFile::replace_target() {
  flush();
  check(::rename(name_.c_str(), target_.c_str()) == 0);
  finished();
}

void UnfinishedFile::become_target() {
  flush();
  if (::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) != 0) {
    // EINVAL: a file system that cannot do both at once.
    check(errno == EINVAL);
    check(::link(name_.c_str(), target_.c_str()) == 0);
    ::unlink(name_.c_str());
  }
  finished();
}

// Some file systems tell only here that there was no room.
void UnfinishedFile::flush() {
  check(::fsync(descriptor_) == 0 || errno == EINVAL);
}

void UnfinishedFile::finished() {
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace afterwrite
