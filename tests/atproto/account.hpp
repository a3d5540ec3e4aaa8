#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "adapters/atproto/stack.hpp"
#include "harness/http/connection.hpp"

namespace afterwrite::atproto {

/// Someone with a new account at a stack's PDS, over plain HTTP. Every call throws std::runtime_error for an answer
/// that is none.
class Account {
 public:
  Account(const Stack& stack, const std::string& name);

  /// Writes a post; returns its URI. With `parent`, a reply to that one of its own.
  std::string post(const std::string& text, const std::string& parent = "");
  /// Uploads a picture, and writes a post that embeds it.
  std::string post_picture(const std::string& text);
  std::string handle() const { return name_ + ".test"; }
  std::string password() const { return "the-secret-of-" + name_; }
  /// The names of the records that its repository has of a collection.
  std::vector<std::string> records(const std::string& collection);
  /// The posts that the App View itself has of this account: their texts, newest first. Nothing if it does not answer.
  std::optional<std::vector<std::string>> seen_by_appview();
  bool appview_has(const std::string& text);
  /// The same feed as the PDS answers it, with more parameters, e.g. `&limit=1`; and where the answer says that it goes
  /// on.
  std::vector<std::string> seen_through_pds(const std::string& more = "", std::string* cursor = nullptr);

 private:
  std::string create(nlohmann::json record);
  http::Exchange ask(const std::string& method, const std::string& url, const std::string& token,
                     const std::optional<nlohmann::json>& body = std::nullopt);
  nlohmann::json call(const std::string& method, const std::string& url, const std::string& token,
                      const std::optional<nlohmann::json>& body = std::nullopt);

  const Stack& stack_;
  const std::string name_;
  http::Connection connection_;
  std::string did_;
  std::string token_;
  std::map<std::string, std::string> cids_;  // by URI
  int posts_ = 0;
};

}  // namespace afterwrite::atproto
