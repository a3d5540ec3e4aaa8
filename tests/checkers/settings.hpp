#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

/// How much slower a sanitizer makes a random history. A checker has one thread, so ThreadSanitizer has little to find
/// in it.
#if defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t sanitizer_share = 100;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t sanitizer_share = 40;
#else
inline constexpr std::uint64_t sanitizer_share = 1;
#endif

/// How many random histories a test looks at.
constexpr std::uint64_t histories(std::uint64_t in_release) {
  return in_release / sanitizer_share;
}

/// Short names for tests: `ryw`, `mr`, `mw`, `wfr`, joined by `+`; `coherence`.
Guarantees guarantees(const std::string& names);
std::string short_name(const Guarantees& set);

/// `none`, `wo` (writer-order), `oc` (one-clock), `rt` (realtime-writes), joined by `+`; `all`.
Assumptions assumptions(const std::string& names);
std::string short_name(const Assumptions& set);

Scope scope(const std::string& name);
std::string short_name(Scope scope);

/// All fifteen sets of guarantees that can be a row.
std::vector<Guarantees> every_row();

}  // namespace afterwrite::oracle
