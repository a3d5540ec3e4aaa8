#include "adapters/etcd/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace afterwrite::etcd {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encoded(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? alphabet[group >> (18U - 6U * i) & 63U] : '=';
  }
  return text;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::string_view letters = text.substr(at, 4);
    if (at + 4 == text.size()) {
      while (letters.size() > 2 && letters.back() == '=')
        letters.remove_suffix(1);
    }
    std::uint32_t group = 0;
    for (const char letter : letters) {
      const std::size_t value = alphabet.find(letter);
      if (value == std::string_view::npos) return std::nullopt;
      group = group << 6U | static_cast<std::uint32_t>(value);
    }
    const std::size_t count = letters.size() - 1;  // whole bytes
    const auto spare = static_cast<unsigned>(6 * letters.size() - 8 * count);
    if ((group & ((1U << spare) - 1U)) != 0) return std::nullopt;
    group >>= spare;
    for (std::size_t i = count; i-- > 0;)
      bytes += static_cast<char>(group >> 8U * i & 255U);
  }
  return bytes;
}

}  // namespace afterwrite::etcd
