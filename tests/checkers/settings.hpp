#pragma once

#include <string>
#include <vector>

#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

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
