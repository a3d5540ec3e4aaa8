#include "harness/history/line_splitter.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace afterwrite {
namespace {

constexpr std::size_t chunk = 1U << 20U;

}  // namespace

LineSplitter::LineSplitter(Source source, std::size_t longest_line, std::size_t padding)
    : source_(std::move(source)), longest_line_(longest_line), padding_(padding), buffer_(chunk + padding) {}

std::optional<LineSplitter::Line> LineSplitter::next() {
  if (begin_ < end_ || !ended_) ++number_;
  while (true) {
    const void* found = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
    const std::size_t stop =
        found == nullptr ? end_ : static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
    if (stop - begin_ > longest_line_) {
      throw BadLine(fmt::format("longer than {} bytes, the most a line of a history may have; is this a history?",
                                longest_line_));
    }
    if (found != nullptr || ended_) {
      if (found == nullptr && begin_ == end_) return std::nullopt;
      const std::string_view text(buffer_.data() + begin_, stop - begin_);
      begin_ = scanned_ = std::min(stop + 1, end_);
      return Line{text, found != nullptr};
    }
    scanned_ = end_;
    refill();
  }
}

void LineSplitter::refill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  scanned_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() - end_ < chunk + padding_) buffer_.resize(buffer_.size() * 2);
  const std::size_t got = source_(buffer_.data() + end_, chunk);
  ended_ = got == 0;
  end_ += got;
}

}  // namespace afterwrite
