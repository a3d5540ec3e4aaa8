#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "harness/history/scan/hash.hpp"

namespace afterwrite {

/// A written value in sixteen bytes. Integers and texts of at most 15 bytes as they are; equal exactly if the values
/// are. Longer texts as two hashes of 60 bits, each a polynomial over a prime field at a point that was drawn at random
/// for this run: two texts of at most L bytes have the same with a probability of at most ((L/4 + 3) / 2^60)^2, whoever
/// chose them. Among 10^7 texts of 100 bytes on one key that is below 2^-64 for any two at all.
struct ValueIdentity {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const ValueIdentity&) const = default;
};

/// The points at which the polynomials are taken, drawn once a run.
struct ValueSeeds {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

namespace value_identity {

static_assert(std::endian::native == std::endian::little,
              "the ends of a text are shifted as little-endian machines lay them");
inline constexpr std::uint64_t prime = (std::uint64_t{1} << 61U) - 1;
inline constexpr std::size_t longest_inline = 15;
inline constexpr std::uint64_t tag_of_integer = 16;
inline constexpr std::uint64_t tag_of_long_text = 17;

inline std::uint64_t reduced(std::uint64_t number) {
  number = (number & prime) + (number >> 61U);
  return number >= prime ? number - prime : number;
}

inline std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide wide = static_cast<Wide>(a) * b;
  return reduced((static_cast<std::uint64_t>(wide) & prime) + static_cast<std::uint64_t>(wide >> 61U));
}

/// Seven bytes are a coefficient; the length is one more, so that no text is another one's beginning.
inline std::uint64_t polynomial(std::string_view text, std::uint64_t point) {
  point = reduced(point);
  std::uint64_t sum = text.size();
  while (!text.empty()) {
    constexpr std::size_t coefficient = 7;
    std::uint64_t next = 0;
    const std::size_t taken = text.size() < coefficient ? text.size() : coefficient;
    std::memcpy(&next, text.data(), taken);
    text.remove_prefix(taken);
    sum = reduced(product(sum, point) + next);
  }
  return product(sum, point);
}

}  // namespace value_identity

inline ValueIdentity identity_of(std::int64_t integer) {
  return {static_cast<std::uint64_t>(integer), value_identity::tag_of_integer << 56U};
}

inline ValueIdentity identity_of(std::string_view text, const ValueSeeds& seeds) {
  using namespace value_identity;
  if (text.size() > longest_inline) {
    const std::uint64_t a = polynomial(text, seeds.first) >> 1U;  // 60 bits of 61
    const std::uint64_t b = polynomial(text, seeds.second) >> 1U;
    return {a | (b << 60U), (b >> 4U) | (tag_of_long_text << 56U)};
  }
  // The last bytes do not repeat the first where there are more than eight.
  auto [low, high] = ends_of(text.data(), text.size());
  if (text.size() > 8) {
    high >>= 8U * (16 - text.size());
  } else {
    high = text.size() == 8 ? 0 : high & 0x00ffffffffffffff;
  }
  return {low, (high & 0x00ffffffffffffff) | (std::uint64_t{text.size()} << 56U)};
}

}  // namespace afterwrite
