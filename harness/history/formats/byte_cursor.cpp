#include "harness/history/formats/byte_cursor.hpp"

#include <fmt/format.h>
#include <utility>

#include "harness/history/formats/bad_place.hpp"
#include "harness/history/line_limit.hpp"

namespace afterwrite {
namespace {

constexpr std::size_t chunk = 256U << 10U;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

ByteCursor::ByteCursor(ByteSource source) : source_(std::move(source)), buffer_(chunk) {
  if (fill() && held().starts_with(byte_order_mark)) begin_ = byte_order_mark.size();
}

void ByteCursor::limit() {
  limited_ = true;
  limit_line_ = line_;
  limit_place_ = place();
}

bool ByteCursor::fill() {
  if (ended_) return false;
  if (limited_ && place() - limit_place_ > max_line_bytes) {
    throw BadPlace(limit_line_,
                   fmt::format("what begins here is longer than {} bytes, the most that an operation may have; "
                               "is a bracket or a quote missing?",
                               max_line_bytes));
  }
  taken_before_ += begin_;
  begin_ = 0;
  end_ = source_(buffer_.data(), buffer_.size());
  ended_ = end_ == 0;
  return !ended_;
}

int ByteCursor::peek_second() {
  if (begin_ + 1 == end_) {
    taken_before_ += begin_;
    buffer_.front() = buffer_[begin_];
    begin_ = 0;
    const std::size_t got = ended_ ? 0 : source_(buffer_.data() + 1, buffer_.size() - 1);
    ended_ = got == 0;
    end_ = 1 + got;
    if (ended_) return -1;
  }
  return static_cast<unsigned char>(buffer_[begin_ + 1]);
}

}  // namespace afterwrite
