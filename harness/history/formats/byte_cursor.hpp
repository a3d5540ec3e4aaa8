#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/history/byte_source.hpp"

namespace afterwrite {

/// Walks through a source byte by byte, holds a buffer of it, and counts lines. Used by one thread.
class ByteCursor {
 public:
  /// A byte order mark at the beginning is passed over.
  explicit ByteCursor(ByteSource source);

  /// The next byte; -1 at the end.
  int peek() {
    if (begin_ == end_ && !fill()) return -1;
    return static_cast<unsigned char>(buffer_[begin_]);
  }
  /// The byte behind it.
  int peek_second();

  /// Goes beyond the byte that peek() gave.
  void take() {
    if (buffer_[begin_] == '\n') ++line_;
    ++begin_;
  }

  /// What is held of the bytes ahead: not empty after a peek() that gave one. Good until the next peek().
  std::string_view held() const { return {buffer_.data() + begin_, end_ - begin_}; }
  /// Goes beyond so many of them, no line feed among them.
  void take_held(std::size_t bytes) { begin_ += bytes; }

  /// Of the next byte, from 1.
  std::uint64_t line() const { return line_; }

  /// From here on, until release(), at most `max_line_bytes` may be taken (give or take a buffer); more throws
  /// BadPlace.
  void limit();
  void release() { limited_ = false; }

 private:
  bool fill();
  std::uint64_t place() const { return taken_before_ + begin_; }

  ByteSource source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
  std::uint64_t taken_before_ = 0;  // of the bytes in front of the buffer
  std::uint64_t line_ = 1;
  bool limited_ = false;
  std::uint64_t limit_line_ = 0;
  std::uint64_t limit_place_ = 0;
};

}  // namespace afterwrite
