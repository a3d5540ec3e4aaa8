#pragma once

#include "adapters/http/client.hpp"
#include "harness/session/beat.hpp"

namespace afterwrite::http {

/// Beats by the requests of `lag_probe`, in a session of their own, each node asked directly. Used by one thread;
/// `shared` outlives it.
class HttpBeat : public Beat {
 public:
  explicit HttpBeat(const Shared& shared)
      : shared_(shared),
        session_(shared.description, "beats", "beats"),
        wire_(shared.description, shared.direct, shared.trace, session_) {}

  bool write(std::int64_t number, Deadline deadline) override;
  std::optional<std::int64_t> visible(const std::string& node, Deadline deadline) override;

 private:
  bool ready(Deadline deadline);

  const Shared& shared_;
  SessionState session_;
  Wire wire_;
};

}  // namespace afterwrite::http
