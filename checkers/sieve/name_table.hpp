#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "harness/history/scan/hash.hpp"

namespace afterwrite {

/// Numbers names, from 0 in the order in which they came; compares them exactly. Keeps a copy of each. Belongs to one
/// thread.
class NameTable {
 public:
  NameTable();

  /// To be called some time before number().
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }

  /// The number of a name whose hash this is.
  std::uint32_t number(std::string_view name, std::uint64_t hash);

  std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }
  std::string_view name(std::uint32_t number) const { return names_[number]; }

 private:
  /// With the ends of the name: of at most sixteen bytes there is no more, and nothing else need be looked at.
  struct Slot {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint32_t size = 0;
    std::uint32_t number = 0;  // and one
  };
  static constexpr std::size_t whole_in_slot = 16;
  std::string_view keep(std::string_view name);
  void grow();

  std::vector<Slot> slots_;
  std::uint64_t mask_;
  std::vector<std::string_view> names_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::unique_ptr<char[]>> pieces_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace afterwrite
