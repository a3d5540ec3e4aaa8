#pragma once

#include "adapters/atproto/shared.hpp"
#include "adapters/atproto/xrpc.hpp"
#include "harness/session/beat.hpp"

namespace afterwrite::atproto {

/// Beats are the description in the profile of an account that does nothing else: written at the PDS, and read there in
/// its repository and at the App View in its view of the profile.
class AtprotoBeat final : public Beat {
 public:
  /// `shared` outlives it.
  AtprotoBeat(const Shared& shared, const AuditedAccount& account);

  bool write(std::int64_t number, Deadline deadline) override;
  std::optional<std::int64_t> visible(const std::string& node, Deadline deadline) override;

 private:
  const Credentials who_;
  Xrpc pds_;
  Xrpc appview_;
};

}  // namespace afterwrite::atproto
