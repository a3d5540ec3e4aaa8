#include "harness/cli/appended_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "harness/session/errors.hpp"

namespace afterwrite {

AppendedFile::AppendedFile(std::string path, std::string_view flag)
    : path_(std::move(path)),
      flag_(flag),
      descriptor_(open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail();
}

AppendedFile::~AppendedFile() {
  close(descriptor_);
}

void AppendedFile::write(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail();
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void AppendedFile::fail() const {
  throw EnvironmentError(
      fmt::format("{}: {} cannot be written ({}); name another file", flag_, path_, std::strerror(errno)));
}

}  // namespace afterwrite
