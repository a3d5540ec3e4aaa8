#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/faults/proxy.hpp"
#include "harness/session/client.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// Gets between a client and a node, to hold what they say or to cut them off. One thread at a time, other than the
/// client's.
class Obstruction {
 public:
  Obstruction() = default;
  Obstruction(const Obstruction&) = delete;
  Obstruction& operator=(const Obstruction&) = delete;
  virtual ~Obstruction() = default;

  /// From now on no answer comes.
  virtual void hold() = 0;
  /// Whether something that the client said after hold() is on its way.
  virtual bool in_flight() const = 0;
  /// Breaks the connection, with what is on its way.
  virtual void cut() = 0;
  /// Undoes hold() and cut(), as far as that can be done. Does nothing if nothing is on.
  virtual void release() noexcept = 0;
  /// What of the connection is left although it is over; nothing if nothing is.
  virtual std::optional<std::string> leftover() const = 0;
};

/// By the client's link where it has one, by its adapter process where that is what it speaks to; null where nothing
/// lies between. `client` must have been used for `node`; call on its thread.
std::unique_ptr<Obstruction> obstruction_between(const Client& client, const std::string& node,
                                                 const Deployment& deployment, FaultProxy& proxy);

}  // namespace afterwrite
