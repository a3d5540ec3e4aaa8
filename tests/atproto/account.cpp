#include "tests/atproto/account.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

#include "adapters/atproto/picture.hpp"

namespace afterwrite::atproto {
namespace {

/// Far more than any call takes.
constexpr auto patience = std::chrono::seconds(60);
constexpr const char* feed = "app.bsky.feed.getAuthorFeed";

std::vector<std::string> texts_in(const nlohmann::json& answer) {
  std::vector<std::string> texts;
  for (const auto& item : answer.at("feed"))
    texts.push_back(item.at("post").at("record").at("text"));
  return texts;
}

}  // namespace

Account::Account(const Stack& stack, const std::string& name)
    : stack_(stack), name_(name), connection_(http::Options{}) {
  const auto made =
      call("POST", stack_.pds_url() + "/xrpc/com.atproto.server.createAccount", "",
           nlohmann::json{{"handle", handle()}, {"email", name + "@example.com"}, {"password", password()}});
  did_ = made.at("did");
  token_ = made.at("accessJwt");
}

http::Exchange Account::ask(const std::string& method, const std::string& url, const std::string& token,
                            const std::optional<nlohmann::json>& body) {
  http::Request request{method, url, {}, std::nullopt};
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  if (body) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body->dump();
  }
  return connection_.exchange(request, Clock::now() + patience);
}

nlohmann::json Account::call(const std::string& method, const std::string& url, const std::string& token,
                             const std::optional<nlohmann::json>& body) {
  const http::Exchange exchange = ask(method, url, token, body);
  if (exchange.failure || exchange.answer.status != 200) {
    throw std::runtime_error(
        fmt::format("{}: {} {} {}", url, exchange.error, exchange.answer.status, exchange.answer.body));
  }
  return nlohmann::json::parse(exchange.answer.body);
}

std::string Account::post(const std::string& text, const std::string& parent) {
  // Posts of the same moment hide one another in feeds.
  nlohmann::json record{{"$type", "app.bsky.feed.post"},
                        {"text", text},
                        {"createdAt", fmt::format("2024-01-01T00:00:00.{:03}Z", ++posts_)}};
  if (!parent.empty()) {
    const nlohmann::json post{{"uri", parent}, {"cid", cids_.at(parent)}};
    record["reply"] = {{"root", post}, {"parent", post}};
  }
  return create(std::move(record));
}

std::string Account::post_picture(const std::string& text) {
  http::Request request{"POST", stack_.pds_url() + "/xrpc/com.atproto.repo.uploadBlob", {}, picture_bytes()};
  request.headers = {{"Authorization", "Bearer " + token_}, {"Content-Type", picture_type}};
  const http::Exchange exchange = connection_.exchange(request, Clock::now() + patience);
  if (exchange.failure || exchange.answer.status != 200) throw std::runtime_error(exchange.answer.body);
  return create({{"$type", "app.bsky.feed.post"},
                 {"text", text},
                 {"createdAt", fmt::format("2024-01-01T00:00:00.{:03}Z", ++posts_)},
                 {"embed", picture_embed(nlohmann::json::parse(exchange.answer.body).at("blob"))}});
}

std::string Account::create(nlohmann::json record) {
  const auto made = call("POST", stack_.pds_url() + "/xrpc/com.atproto.repo.createRecord", token_,
                         nlohmann::json{{"repo", did_}, {"collection", "app.bsky.feed.post"}, {"record", std::move(record)}});
  cids_[made.at("uri")] = made.at("cid");
  return made.at("uri");
}

std::vector<std::string> Account::records(const std::string& collection) {
  const nlohmann::json answer = call(
      "GET",
      stack_.pds_url() + "/xrpc/com.atproto.repo.listRecords?limit=100&repo=" + did_ + "&collection=" + collection, "");
  std::vector<std::string> uris;
  for (const auto& record : answer.at("records"))
    uris.push_back(record.at("uri"));
  return uris;
}

std::optional<std::vector<std::string>> Account::seen_by_appview() {
  const auto granted = call("GET",
                            fmt::format("{}/xrpc/com.atproto.server.getServiceAuth?aud={}&lxm={}", stack_.pds_url(),
                                        http::url_encoded(stack_.appview_did()), feed),
                            token_);
  const http::Exchange exchange =
      ask("GET", fmt::format("{}/xrpc/{}?actor={}", stack_.appview_url(), feed, did_), granted.at("token"));
  if (exchange.failure || exchange.answer.status != 200) return std::nullopt;
  return texts_in(nlohmann::json::parse(exchange.answer.body));
}

bool Account::appview_has(const std::string& text) {
  const auto texts = seen_by_appview();
  return texts && std::find(texts->begin(), texts->end(), text) != texts->end();
}

std::vector<std::string> Account::seen_through_pds(const std::string& more, std::string* cursor) {
  const auto answer = call("GET", fmt::format("{}/xrpc/{}?actor={}{}", stack_.pds_url(), feed, did_, more), token_);
  if (cursor != nullptr) *cursor = answer.value("cursor", "");
  return texts_in(answer);
}

}  // namespace afterwrite::atproto
