#include "harness/history/scan/file_blocks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/history/scan/block_scanner.hpp"
#include "harness/history/scan/json_tokens.hpp"

namespace afterwrite {
namespace {

constexpr std::size_t line_room = 4096;  // read beyond a block at first, for the line that ends there
constexpr std::size_t longest_line = 1U << 20U;

}  // namespace

FileBlocks::FileBlocks(const std::filesystem::path& file, std::uint64_t block_bytes) : block_bytes_(block_bytes) {
  // A pipe is not even opened: who writes into it would find, once this has closed it, that nobody reads.
  struct stat facts {};
  const bool found = ::stat(file.c_str(), &facts) == 0;
  if (found && !S_ISREG(facts.st_mode)) throw NotPlain{S_ISDIR(facts.st_mode) ? "" : "it comes through a pipe or from a device"};
  descriptor_ = found ? ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
  if (descriptor_ < 0 || ::fstat(descriptor_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    if (descriptor_ >= 0) close(descriptor_);
    throw NotPlain{""};
  }
  size_ = static_cast<std::uint64_t>(facts.st_size);
}

FileBlocks::~FileBlocks() {
  close(descriptor_);
}

FileBlocks::Text FileBlocks::read_block(std::uint64_t block, std::vector<char>& buffer) const {
  // One byte before the block tells whether a line begins with it.
  const std::uint64_t nominal = block * block_bytes_;
  const std::uint64_t begin = nominal == 0 ? 0 : nominal - 1;
  const std::uint64_t stop = std::min(nominal + block_bytes_, size_);
  std::size_t held = static_cast<std::size_t>(std::min<std::uint64_t>(stop + line_room, size_) - begin);
  buffer.resize(std::max(buffer.size(), held + token_padding));
  fill(buffer, 0, begin, held);
  std::size_t first = 0;
  if (nominal > 0) {
    const void* const feed = std::memchr(buffer.data(), '\n', static_cast<std::size_t>(stop - begin));
    if (feed == nullptr) return {};
    first = static_cast<std::size_t>(static_cast<const char*>(feed) - buffer.data()) + 1;
    if (begin + first >= stop) return {};
  }
  // The last line is the one that the block's last byte belongs to.
  std::size_t searched = static_cast<std::size_t>(stop - begin) - 1;
  while (true) {
    const void* const feed = std::memchr(buffer.data() + searched, '\n', held - searched);
    if (feed != nullptr) {
      const auto last = static_cast<std::size_t>(static_cast<const char*>(feed) - buffer.data()) + 1;
      return {{buffer.data() + first, last - first}, begin + first};
    }
    if (begin + held == size_) return {{buffer.data() + first, held - first}, begin + first};
    if (held - static_cast<std::size_t>(stop - begin) > longest_line) throw NotPlain{};
    searched = held;
    const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(longest_line / 4, size_ - begin - held));
    buffer.resize(std::max(buffer.size(), held + more + token_padding));
    fill(buffer, held, begin + held, more);
    held += more;
  }
}

std::string_view FileBlocks::read(std::uint64_t begin, std::uint64_t size, std::vector<char>& buffer) const {
  buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(size) + token_padding));
  fill(buffer, 0, begin, static_cast<std::size_t>(size));
  return {buffer.data(), static_cast<std::size_t>(size)};
}

void FileBlocks::fill(std::vector<char>& buffer, std::size_t held, std::uint64_t from, std::size_t size) const {
  while (size > 0) {
    const ssize_t got = pread(descriptor_, buffer.data() + held, size, static_cast<off_t>(from));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw NotPlain{};
    held += static_cast<std::size_t>(got);
    from += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
}

}  // namespace afterwrite
