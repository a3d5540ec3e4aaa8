#include "workloads/fresh_keys.hpp"

#include <algorithm>

namespace afterwrite::workloads {

void FreshKeys::post(const std::string& key, Nanoseconds written) {
  const std::lock_guard lock(mutex_);
  Post& slot = posts_[count_ % kept_posts];
  slot.key = key;
  slot.written = written;
  ++count_;
}

std::optional<std::string> FreshKeys::pick(Random& random) const {
  // Each post is preferred to the one before it by this odds: on average the sixth newest is read. With a few writes a
  // second these are the writes of the last second, which followers are about to show.
  constexpr double preference = 0.15;
  const auto wanted = static_cast<std::size_t>(std::geometric_distribution<int>(preference)(random));

  const std::lock_guard lock(mutex_);
  if (count_ == 0) return std::nullopt;
  const std::size_t oldest = std::min(count_, kept_posts) - 1;
  std::size_t age = std::min(wanted, oldest);
  // Posts of several threads may come in slightly out of order of their times: good enough for a preference.
  while (age > 0 && newest(0).written - newest(age).written > fresh_for.count())
    --age;
  return newest(age).key;
}

}  // namespace afterwrite::workloads
