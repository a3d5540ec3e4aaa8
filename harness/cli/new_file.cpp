#include "harness/cli/new_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "harness/session/errors.hpp"

namespace afterwrite {

NewFile::NewFile(std::string path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
  if (descriptor_ >= 0) return;
  if (errno != EEXIST) fail(errno);
  throw UsageError(fmt::format("--out: {} is there already; name another file, or remove that one", path_));
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!finished_) ::unlink(path_.c_str());
}

void NewFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail(errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void NewFile::finish() {
  // Some file systems tell only now that there was no room.
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
  finished_ = true;
}

void NewFile::fail(int cause) const {
  throw EnvironmentError(
      fmt::format("--out: {} cannot be written ({}); name a file in a folder that is there and has room", path_,
                  std::strerror(cause)));
}

}  // namespace afterwrite
