#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace afterwrite {

/// A regular file, cut into blocks of whole lines that may be read in any order and by several threads: each line
/// belongs to the block that its first byte stands in. As long as it was when it was opened, whatever is appended
/// later.
class FileBlocks {
 public:
  /// Throws NotPlain if it is no regular file or cannot be opened.
  explicit FileBlocks(const std::filesystem::path& file, std::uint64_t block_bytes = 128U << 10U);
  ~FileBlocks();
  FileBlocks(const FileBlocks&) = delete;
  FileBlocks& operator=(const FileBlocks&) = delete;

  /// Whole lines, and where they begin in the file.
  struct Text {
    std::string_view lines;
    std::uint64_t begin = 0;
  };

  std::uint64_t size() const { return size_; }
  std::uint64_t count() const { return (size_ + block_bytes_ - 1) / block_bytes_; }

  /// The lines of one block; empty if no line begins in it. The text lies in `buffer`, with `token_padding` bytes
  /// behind it. Throws NotPlain for lines above a megabyte and where reading fails. Several threads may call, each with
  /// a buffer of its own.
  Text read_block(std::uint64_t block, std::vector<char>& buffer) const;

  /// Any part of the file, likewise.
  std::string_view read(std::uint64_t begin, std::uint64_t size, std::vector<char>& buffer) const;

 private:
  void fill(std::vector<char>& buffer, std::size_t held, std::uint64_t from, std::size_t size) const;

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t block_bytes_;
};

}  // namespace afterwrite
