#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// What came of one check of an adapter.
struct Conformance {
  enum class Result { ok, failed, not_applicable };

  std::string_view check;
  Result result = Result::ok;
  std::string why;  ///< what was seen and what was expected, or why the check says nothing here, safe to print; empty if ok
};
std::string_view to_string(Conformance::Result result);

/// Tries whether an adapter keeps what Client and Deployment promise, whatever the system: a check after the other,
/// told as each is over. `deployment` has started and has its client links, if it can, in `proxy`. No further check
/// begins once `stop` is requested.
std::vector<Conformance> check_conformance(Deployment& deployment, FaultProxy& proxy,
                                           const std::function<void(const Conformance&)>& tell,
                                           std::stop_token stop = {});

/// The names of all checks, in their order.
std::vector<std::string_view> conformance_checks();

}  // namespace afterwrite
