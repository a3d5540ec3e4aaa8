#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

/// How many random histories a test looks at: with sanitizers each takes ten to twenty times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t histories(std::uint64_t in_release) {
  return in_release / 20;
}
#else
constexpr std::uint64_t histories(std::uint64_t in_release) {
  return in_release;
}
#endif

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
