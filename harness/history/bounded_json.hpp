#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace afterwrite {

/// How deep JSON may be nested that comes from a system, as deep as in a history. A few megabytes of brackets would
/// else take gigabytes and many seconds, whatever the deadline.
inline constexpr std::size_t deepest_json = 64;

/// What is made of an object that has a name twice.
enum class RepeatedMembers { last_counts, refused };

struct BoundedJson {
  nlohmann::json json;  ///< discarded if it cannot be taken
  std::string
      problem;  ///< why: `is nested more than 64 deep`, `has the member 'type' twice`; empty if it is no JSON at all

  bool good() const { return !json.is_discarded(); }
};

/// JSON of a system: an answer's body, an adapter's line. Never throws for what stands in it. Any thread may call.
BoundedJson parse_bounded_json(std::string_view text, RepeatedMembers repeated = RepeatedMembers::last_counts);

}  // namespace afterwrite
