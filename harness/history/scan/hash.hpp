#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace afterwrite {

/// The two halves of a 128-bit product, folded together: mixes well and costs one multiplication.
inline std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// The first and the last eight bytes of at most sixteen; of fewer than sixteen the two differ from those of any other
/// text of the same length. Reads nothing beyond the text.
inline std::array<std::uint64_t, 2> ends_of(const char* text, std::size_t size) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (size >= 8) {
    std::memcpy(&first, text, 8);
    std::memcpy(&last, text + size - 8, 8);
  } else if (size >= 4) {
    std::uint32_t half = 0;
    std::memcpy(&half, text, 4);
    first = half;
    std::memcpy(&half, text + size - 4, 4);
    last = half;
  } else if (size > 0) {
    first = static_cast<unsigned char>(text[0]);
    last =
        (std::uint64_t{static_cast<unsigned char>(text[size / 2])} << 8U) | static_cast<unsigned char>(text[size - 1]);
  }
  return {first, last};
}

/// For tables alone: equal hashes say nothing, whoever looks up compares. `seed` is drawn anew by each run, so that
/// nobody can choose keys that collide.
inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  std::uint64_t hash = seed ^ (text.size() * odd);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 16; left -= 16, at += 16) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, at, 8);
    std::memcpy(&b, at + 8, 8);
    hash = fold_product(a ^ hash, b ^ odd);
  }
  const auto [first, last] = ends_of(at, left);
  return fold_product(fold_product(first ^ hash, last ^ odd), hash ^ odd);
}

}  // namespace afterwrite
