#include <algorithm>
#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/atproto/audited_account.hpp"

namespace afterwrite::atproto {
namespace {

// 13 characters, sortable: 53 bits of microseconds, then ten of a clock's number (here 0).
std::string tid(std::int64_t microseconds) {
  constexpr const char* digits = "234567abcdefghijklmnopqrstuvwxyz";
  constexpr unsigned clock_bits = 10;
  constexpr std::size_t length = 13;
  auto number = static_cast<std::uint64_t>(microseconds) << clock_bits;
  std::string text(length, '2');
  for (std::size_t i = length; i-- > 0; number >>= 5U)
    text[i] = digits[number & 31U];
  return text;
}

}  // namespace

Stamps::Stamp Stamps::next(std::chrono::milliseconds ago) {
  using namespace std::chrono;
  const std::lock_guard lock(mutex_);
  const std::int64_t now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  last_ms_ = std::max(now, last_ms_ + 1);
  const std::int64_t created = last_ms_ - ago.count();
  const auto seconds = static_cast<std::time_t>(created / 1000);
  return {tid(last_ms_ * 1000), fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), created % 1000)};
}

}  // namespace afterwrite::atproto
