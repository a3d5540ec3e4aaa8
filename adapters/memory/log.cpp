#include "adapters/memory/log.hpp"

#include <charconv>

namespace afterwrite::memory {

std::string to_string(Position position) {
  return std::to_string(position.epoch) + "/" + std::to_string(position.index);
}

std::optional<Position> parse_position(std::string_view text) {
  Position position;
  const char* const end = text.data() + text.size();
  const auto epoch = std::from_chars(text.data(), end, position.epoch);
  if (epoch.ec != std::errc() || epoch.ptr == end || *epoch.ptr != '/') return std::nullopt;
  const auto index = std::from_chars(epoch.ptr + 1, end, position.index);
  if (index.ec != std::errc() || index.ptr != end) return std::nullopt;
  if (position.epoch < 0 || position.index < 0) return std::nullopt;
  return position;
}

const Entry& Log::at(Index index) const {
  return entries_.at(static_cast<std::size_t>(index - forgotten_ - 1));
}

void Log::truncate(Index new_end) {
  while (end() > new_end)
    entries_.pop_back();
}

void Log::forget(Index index) {
  while (forgotten_ < index && !entries_.empty()) {
    entries_.pop_front();
    ++forgotten_;
  }
}

}  // namespace afterwrite::memory
