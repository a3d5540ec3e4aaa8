#include "adapters/postgres/position.hpp"

#include <charconv>
#include <fmt/format.h>

namespace afterwrite::postgres {
namespace {

// Bytes of the header that every page has, and of the longer one at the start of a segment (with 8-byte alignment).
constexpr std::uint64_t short_header = 24;
constexpr std::uint64_t long_header = 40;

template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string to_string(const Position& position) {
  return fmt::format("{}/{:X}/{:X}", position.timeline, position.lsn >> 32, position.lsn & 0xFFFFFFFFU);
}

std::optional<std::uint64_t> parse_lsn(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto high = parse_number<std::uint32_t>(text.substr(0, slash), 16);
  const auto low = parse_number<std::uint32_t>(text.substr(slash + 1), 16);
  if (!high || !low) return std::nullopt;
  return (std::uint64_t{*high} << 32) | *low;
}

std::optional<Position> parse_position(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto timeline = parse_number<std::uint32_t>(text.substr(0, slash), 10);
  const auto lsn = parse_lsn(text.substr(slash + 1));
  if (!timeline || !lsn) return std::nullopt;
  return Position{*timeline, *lsn};
}

std::optional<bool> at_least(std::string_view a, std::string_view b) {
  const auto first = parse_position(a);
  const auto second = parse_position(b);
  if (!first || !second) return std::nullopt;
  return *first >= *second;
}

std::uint64_t end_of_last_record(std::uint64_t insert_lsn, const WalGeometry& geometry) {
  if (insert_lsn % geometry.segment == long_header) return insert_lsn - long_header;
  // The first page of a segment has the longer header, so that 24 bytes into it nothing can begin.
  if (insert_lsn % geometry.page == short_header && insert_lsn % geometry.segment != short_header)
    return insert_lsn - short_header;
  return insert_lsn;
}

}  // namespace afterwrite::postgres
