#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/atproto/shared.hpp"
#include "adapters/atproto/xrpc.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::atproto {

/// Makes the accounts of a run on a PDS of afterwrite's own, gives them the records that an account in use has, and waits until the App View knows
/// of all. Used by one thread.
class SettlingIn {
 public:
  /// `shared`: where the servers are, and where the accounts go.
  explicit SettlingIn(Shared& shared, Deadline deadline);

  /// `u0` ... for the sessions, `newcomers` accounts without records, and the account of the beats, which is returned. Throws EnvironmentError.
  std::shared_ptr<AuditedAccount> run(std::size_t users, std::size_t newcomers);

 private:
  std::shared_ptr<AuditedAccount> make_account(const std::string& name);
  void make_likeable();
  void establish(AuditedAccount& account);
  nlohmann::json commit(const AuditedAccount& account, const nlohmann::json& writes);
  void await_posts(const AuditedAccount& account, const std::string& route, const Parameters& parameters);
  void await_known(const AuditedAccount& account);
  template <typename Look>
  void await(const std::string& what, const Look& look);

  Shared& shared_;
  const Deadline deadline_;
  Xrpc pds_;
  Xrpc appview_;
};

}  // namespace afterwrite::atproto
