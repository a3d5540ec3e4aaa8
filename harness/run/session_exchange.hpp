#pragma once

#include <string>
#include <utility>

#include "harness/run/session_runner.hpp"

/// What the parts of SessionRunner share.
namespace afterwrite::session_exchange {

/// Nothing was sent.
inline Reply failed(std::string why) {
  Reply reply;
  reply.outcome = Outcome::fail;
  reply.error = std::move(why);
  return reply;
}

inline Role role_of(const std::string& node, const Topology& topology) {
  for (const Node& known : topology.nodes) {
    if (known.name == node) return known.role;
  }
  return Role::unknown;
}

}  // namespace afterwrite::session_exchange

namespace afterwrite {

// A throw is a bug of a policy or client, not an outcome. What was invoked is recorded all the same: it may have taken
// effect.
template <typename Send>
auto SessionRunner::exchanged(std::span<Operation> operations, const Send& send) {
  try {
    return send();
  } catch (...) {
    for (Operation& operation : operations) {
      operation.outcome = Outcome::info;
      operation.error = "it was interrupted by a fault in the harness";
    }
    record(operations);
    throw;
  }
}

}  // namespace afterwrite
