#include "workloads/keys.hpp"

namespace afterwrite::workloads {

std::string key_name(std::size_t key) {
  return "k" + std::to_string(key + 1);
}

std::string ListKeys::name(std::size_t key) const {
  const std::uint64_t generation = appends_[key].load(std::memory_order_relaxed) / longest_list + 1;
  return generation == 1 ? key_name(key) : key_name(key) + "." + std::to_string(generation);
}

}  // namespace afterwrite::workloads
