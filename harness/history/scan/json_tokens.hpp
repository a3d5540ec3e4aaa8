#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace afterwrite {

// The tokens of JSON, in the plain forms that programs write by the million. Each function takes the place where a
// token begins, in a buffer with `token_padding` readable bytes behind it, and says where the token ends, or null for
// one that is not of the plain form: that line then goes to the full parser. None of them accepts what JSON does not.

inline constexpr std::size_t token_padding = 64;

/// The closing quote of a string without escapes, control characters and bytes beyond ASCII; `at` is its first
/// character.
inline const char* plain_string_end(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(' ');
  for (; at < end; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, quote);
    // Signed: control characters and bytes from 0x80 on are less than a space.
    const __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(bytes, backslash), _mm_cmplt_epi8(bytes, space));
    const auto stops = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(quotes, odd)));
    if (stops == 0) continue;
    at += __builtin_ctz(stops);
    return *at == '"' && at < end ? at : nullptr;
  }
  return nullptr;
#else
  for (; at < end && *at >= ' ' && *at != '\\'; ++at) {
    if (*at == '"') return at;
  }
  return nullptr;
#endif
}

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether eight bytes are digits: neither does a high nibble differ from 3, nor does adding 6 carry into one.
inline bool are_digits(std::uint64_t eight) {
  constexpr std::uint64_t high = 0xf0f0f0f0f0f0f0f0;
  constexpr std::uint64_t threes = 0x3030303030303030;
  return (eight & high) == threes && ((eight + 0x0606060606060606) & high) == threes;
}

/// The number that eight digits spell.
inline std::uint64_t eight_digits(std::uint64_t eight) {
  eight -= 0x3030303030303030;
  eight = eight * 10 + (eight >> 8U);
  return ((((eight & 0x000000ff000000ff) * 0x000f424000000064) +
           (((eight >> 16U) & 0x000000ff000000ff) * 0x0000271000000001)) >>
          32U) &
         0xffffffff;
}

/// An integer of at most 18 digits. Where it is followed by a fraction or an exponent, the next token fails.
inline const char* plain_integer_end(const char* at, std::int64_t& number) {
  static_assert(std::endian::native == std::endian::little);
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  const char* const first = at;
  std::uint64_t value = 0;  // may go round where it is too long in any case
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  while (are_digits(eight)) {
    value = value * 100'000'000 + eight_digits(eight);
    at += 8;
    if (at - first > 16) return nullptr;
    std::memcpy(&eight, at, sizeof eight);
  }
  for (; is_digit(*at); ++at)
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  const std::ptrdiff_t size = at - first;
  if (size == 0 || size > 18 || (*first == '0' && (size > 1 || negative))) return nullptr;
  number = negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return at;
}

/// Any number of JSON's grammar; its value is left to others.
inline const char* number_end(const char* at) {
  const auto digits = [](const char* from) {
    while (is_digit(*from))
      ++from;
    return from;
  };
  if (*at == '-') ++at;
  if (!is_digit(*at) || (*at == '0' && is_digit(at[1]))) return nullptr;
  at = digits(at);
  if (*at == '.') {
    if (!is_digit(at[1])) return nullptr;
    at = digits(at + 1);
  }
  if (*at == 'e' || *at == 'E') {
    at += at[1] == '+' || at[1] == '-' ? 2 : 1;
    if (!is_digit(*at)) return nullptr;
    at = digits(at);
  }
  return at;
}

/// The end of `word` if it stands here.
inline const char* word_end(const char* at, std::string_view word) {
  return std::memcmp(at, word.data(), word.size()) == 0 ? at + word.size() : nullptr;
}

}  // namespace afterwrite
