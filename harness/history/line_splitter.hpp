#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace afterwrite {

/// What is wrong with one line; the reader says which line of which file.
class BadLine : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Cuts a stream of bytes into lines while holding no more of it than the longest line. Used by one thread.
class LineSplitter {
 public:
  /// Fills the buffer with at most `size` bytes and says how many; 0 at the end. May throw; that passes through.
  using Source = std::function<std::size_t(char* buffer, std::size_t size)>;

  struct Line {
    std::string_view text;    ///< without the line feed; `padding` readable bytes follow; good until the next call
    bool terminated = false;  ///< false: the stream ended before a line feed
  };

  LineSplitter(Source source, std::size_t longest_line, std::size_t padding);

  /// The next line, or nothing at the end of the stream. Throws BadLine for one above the longest allowed.
  std::optional<Line> next();

  /// Number of the line that next() gave or refused last, from 1.
  std::uint64_t number() const { return number_; }

 private:
  void refill();

  Source source_;
  std::size_t longest_line_;
  std::size_t padding_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    // of what was not yet given out
  std::size_t scanned_ = 0;  // no line feed between begin_ and here
  std::size_t end_ = 0;      // of what was read
  bool ended_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace afterwrite
