#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/atproto/shared.hpp"
#include "adapters/atproto/xrpc.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::atproto {

/// Makes the accounts of a run on a PDS of afterwrite's own, or logs in to one on a PDS of the user's, gives them the
/// records that an account in use has, and waits until the App View knows of all. Used by one thread.
class SettlingIn {
 public:
  /// `shared`: where the servers are, and where the accounts go. `each_within`: for one call, so that a server that
  /// does not answer is named soon. Once `stop` is requested nothing more is begun, and EnvironmentError thrown.
  SettlingIn(Shared& shared, Deadline deadline, std::stop_token stop = {},
             Duration each_within = std::chrono::seconds(15));

  /// `u0` ... for the sessions, `newcomers` accounts without records, what else a run goes to `beyond` with, and the
  /// account of the beats, which is returned. Throws EnvironmentError.
  std::shared_ptr<AuditedAccount> run(std::size_t users, std::size_t newcomers, bool beyond);

  /// The user's account, of which nothing but the login is known yet. Throws EnvironmentError.
  std::shared_ptr<AuditedAccount> log_in(const std::string& handle, const std::string& password);
  /// Makes it `u0`. Its profile stays as it is. Throws EnvironmentError; the account's traces tell what was written by
  /// then.
  void furnish(const std::shared_ptr<AuditedAccount>& account);

 private:
  std::shared_ptr<AuditedAccount> make_account(const std::string& name, bool second_login = false);
  void prepare_beyond(std::size_t accounts);
  void post_a_picture(AuditedAccount& account);
  void pin_a_post(AuditedAccount& account);
  void make_likeable(AuditedAccount& author, std::size_t posts);
  void establish(AuditedAccount& account, bool with_profile);
  void await_pinned(const AuditedAccount& account);
  nlohmann::json commit(AuditedAccount& account, const nlohmann::json& writes);
  /// Through the PDS where the App View cannot be asked itself.
  void await_posts(const AuditedAccount& account, const std::string& route, const Parameters& parameters);
  void await_known(const AuditedAccount& account);
  /// Asks again and again until `shows(answer)`.
  template <typename Ask, typename Shows>
  void await(const std::string& what, const Server& server, const Ask& ask, const Shows& shows);
  /// `members`: what the answer must have as well.
  void require(const Response& response, const std::string& what, const std::vector<const char*>& members = {}) const;
  [[noreturn]] void fail(const std::string& what, const std::string& why) const;
  std::string why_not(const Response& response) const;
  Deadline soon() const { return std::min(deadline_, Clock::now() + each_within_); }

  Shared& shared_;
  const Deadline deadline_;
  const std::stop_token stop_;
  const Duration each_within_;
  Xrpc pds_;
  Xrpc appview_;
};

}  // namespace afterwrite::atproto
