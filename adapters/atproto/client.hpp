#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/atproto/shared.hpp"
#include "adapters/atproto/views.hpp"
#include "adapters/atproto/xrpc.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::atproto {

/// One process of a session: its own connections, and the login of its user's account. Writes go to the PDS; a read of
/// one key asks the repository there (`getRecord`); a look asks a route, through the PDS or at the App View itself.
class AtprotoClient final : public Client {
 public:
  /// `shared` outlives it.
  AtprotoClient(Shared& shared, std::shared_ptr<AuditedAccount> account);

  Reply call(const Call& call) override;
  Sights look_at(const Look& look) override;
  Reply commit(const Commit& commit) override;
  Awaited await(const std::string& node, const std::string& position, Deadline deadline) override;

 private:
  struct Token {
    std::string text;
    Clock::time_point until;
  };

  AuditedAccount* account_of(const KeyName& name, const std::string& key, bool write);
  Reply write(const Call& call, const KeyName& name);
  Reply write_together(const Commit& commit);
  void tell_pending(Reply& reply);
  Reply create(const Call& call, const KeyName& name);
  Reply edit_profile(const Call& call, const KeyName& name);
  std::optional<Reply> expect_profile(AuditedAccount& account, Deadline deadline, nlohmann::json& input);
  static void trace_profile(AuditedAccount& account, const nlohmann::json& record, const Response& response);
  static void trace(const AuditedAccount& account, const KeyState& key, void (Traces::*note)(const std::string&));
  Reply remove(const Call& call, const KeyName& name);
  Reply read(const Call& call, const KeyName& name);
  KeyState drafted(AuditedAccount& account, const KeyName& name, const Value& value);
  static std::string lacking(const KeyState& key);
  nlohmann::json record_of(const KeyState& key) const;
  bool may_write(std::size_t records);
  Response ask(const Look& look, const Route& route, const AuditedAccount& owner, const Parameters& parameters);
  std::optional<Response> token_for(const AuditedAccount& viewer, const Route& route, Deadline deadline,
                                    std::string& token);

  Shared& shared_;
  std::shared_ptr<AuditedAccount> account_;
  Xrpc pds_;
  std::optional<Xrpc> appview_;
  std::map<std::string, Token> tokens_;  // by account and route
};

}  // namespace afterwrite::atproto
