#include "adapters/atproto/settling_in.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <random>
#include <thread>

#include "adapters/atproto/bluesky.hpp"
#include "adapters/atproto/members.hpp"
#include "adapters/atproto/picture.hpp"
#include "adapters/atproto/profile.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

using Json = nlohmann::json;

// One commit holds no more.
constexpr std::size_t most_in_a_commit = 200;
constexpr std::size_t few_posts = 30;  // on a PDS of the user's
constexpr auto look_interval = std::chrono::milliseconds(100);

std::string drawn_password() {
  std::random_device random;
  std::string text;
  for (int i = 0; i < 4; ++i)
    text += fmt::format("{:08x}", random());
  return text;
}

Json creation(const char* collection, const std::string& rkey, Json record) {
  record["$type"] = collection;
  return {{"$type", "com.atproto.repo.applyWrites#create"},
          {"collection", collection},
          {"rkey", rkey},
          {"value", std::move(record)}};
}

}  // namespace

SettlingIn::SettlingIn(Shared& shared, Deadline deadline, std::stop_token stop, Duration each_within)
    : shared_(shared),
      deadline_(deadline),
      stop_(std::move(stop)),
      each_within_(each_within),
      pds_(shared.pds.url, shared.pds.options, shared.pds.pace),
      appview_(shared.appview.url, shared.appview.options) {}

std::shared_ptr<AuditedAccount> SettlingIn::run(std::size_t users, std::size_t newcomers, bool beyond) {
  const std::shared_ptr<AuditedAccount> author = make_account("author");
  make_likeable(*author, most_in_a_commit);
  for (std::size_t i = 0; i < users; ++i) {
    const std::string name = fmt::format("u{}", i);
    shared_.users[name] = make_account(name, beyond);
    establish(*shared_.users[name], true);
  }
  for (std::size_t i = 0; i < newcomers; ++i)
    shared_.newcomers[newcomer_kind].push_back(make_account(fmt::format("newcomer{}", i)));
  std::shared_ptr<AuditedAccount> beats = make_account("beats");
  for (const auto& [name, account] : shared_.users) {
    await_posts(*account, "app.bsky.feed.getAuthorFeed", {{"actor", account->who.did}});
    await_posts(*account, "app.bsky.feed.getListFeed", {{"list", account->list_uri}});
  }
  if (beyond) prepare_beyond(newcomers);
  for (const auto& [kind, accounts] : shared_.newcomers) {
    for (const auto& account : accounts)
      await_known(*account);
  }
  await_known(*beats);
  return beats;
}

// Accounts with a profile and no post; one that follows those of the sessions; and of each of these a post that it has
// pinned, and one with a picture.
void SettlingIn::prepare_beyond(std::size_t accounts) {
  for (std::size_t i = 0; i < accounts; ++i) {
    auto account = make_account(fmt::format("postless{}", i));
    commit(*account, Json::array({creation(profile_collection, "self", Json::object())}));
    shared_.newcomers[first_post_kind].push_back(std::move(account));
  }
  shared_.another = make_account("another");
  Json follows = Json::array();
  for (const auto& [name, account] : shared_.users) {
    const Stamps::Stamp stamp = shared_.stamps.next();
    follows.push_back(
        creation(follow_collection, stamp.rkey, {{"subject", account->who.did}, {"createdAt", stamp.created_at}}));
    pin_a_post(*account);
    post_a_picture(*account);
  }
  commit(*shared_.another, follows);
  for (const auto& [name, account] : shared_.users) {
    await_pinned(*account);
    await_posts(*account, "app.bsky.feed.getAuthorFeed", {{"actor", account->who.did}, {"filter", "posts_with_media"}});
  }
  await(
      "a follower's timeline", shared_.pds,
      [&] { return pds_.get("app.bsky.feed.getTimeline", {}, shared_.another->who.token, soon()); },
      [&](const Response& response) { return member(response.json, "feed").size() >= shared_.users.size(); });
}

void SettlingIn::pin_a_post(AuditedAccount& account) {
  account.profile["pinnedPost"] = {{"uri", account.old_post.uri}, {"cid", account.old_post.cid}};
  Json record = account.profile;
  record["$type"] = profile_collection;
  const Json input{{"repo", account.who.did}, {"collection", profile_collection}, {"rkey", "self"}, {"record", record}};
  require(pds_.post("com.atproto.repo.putRecord", input, account.who.token, soon()),
          "pinning a post of " + account.who.handle);
}

// So that a feed of nothing else is not empty.
void SettlingIn::post_a_picture(AuditedAccount& account) {
  const Response uploaded =
      pds_.upload("com.atproto.repo.uploadBlob", picture_bytes(), picture_type, account.who.token, soon());
  require(uploaded, "uploading a picture of " + account.who.handle, {"blob"});
  const Stamps::Stamp stamp = shared_.stamps.next();
  commit(account, Json::array({creation(post_collection, stamp.rkey,
                                        {{"text", "an old picture"},
                                         {"createdAt", stamp.created_at},
                                         {"embed", picture_embed(member(uploaded.json, "blob"))}})}));
}

void SettlingIn::await_pinned(const AuditedAccount& account) {
  await(
      "what " + account.who.handle + " has pinned", shared_.appview,
      [&] {
        return appview_.get("app.bsky.feed.getAuthorFeed", {{"actor", account.who.did}, {"includePins", "true"}}, {},
                            soon());
      },
      [](const Response& response) {
        const Json& feed = member(response.json, "feed");
        return feed.is_array() && !feed.empty() && !member(feed.front(), "reason").is_null();
      });
}

std::shared_ptr<AuditedAccount> SettlingIn::log_in(const std::string& handle, const std::string& password) {
  const Response session =
      pds_.post("com.atproto.server.createSession", {{"identifier", handle}, {"password", password}}, {}, soon());
  require(session, "logging in as " + handle, {"did", "accessJwt"});
  auto account = std::make_shared<AuditedAccount>();
  account->who = {.did = text(session.json, "did"),
                  .handle = handle,
                  .token = text(session.json, "accessJwt"),
                  .second_token = {},
                  .refresh_token = text(session.json, "refreshJwt")};
  account->traces = std::make_unique<Traces>();
  return account;
}

void SettlingIn::furnish(const std::shared_ptr<AuditedAccount>& account) {
  const Response response =
      pds_.get("com.atproto.repo.getRecord", profile_of(account->who.did), account->who.token, soon());
  const ToldProfile profile = profile_told(response);
  // Whoever is taken to have no profile is left with none.
  if (!profile.known) require(response, "reading the profile of " + account->who.handle, {"value"});
  account->profile = account->first_profile = profile.record;
  account->profile_there = profile.swap();
  shared_.users["u0"] = account;
  // Likes go to posts of its own: nobody else is to hear of them.
  make_likeable(*account, few_posts);
  establish(*account, false);
  await_posts(*account, "app.bsky.feed.getListFeed", {{"list", account->list_uri}});
}

std::shared_ptr<AuditedAccount> SettlingIn::make_account(const std::string& name, bool second_login) {
  end_start_if(stop_);
  const std::string handle = "audit-" + name + ".test";  // names of two letters are too short for it
  const std::string password = drawn_password();
  const Json input{{"handle", handle}, {"email", name + "@example.test"}, {"password", password}};
  const Response response = pds_.post("com.atproto.server.createAccount", input, {}, soon());
  require(response, "making the account " + handle, {"did", "accessJwt"});
  auto account = std::make_shared<AuditedAccount>();
  account->who = {.did = text(response.json, "did"),
                  .handle = handle,
                  .token = text(response.json, "accessJwt"),
                  .second_token = {},
                  .refresh_token = {}};
  if (second_login) {
    const Json login{{"identifier", handle}, {"password", password}};
    const Response second = pds_.post("com.atproto.server.createSession", login, {}, soon());
    require(second, "a second login of " + handle, {"accessJwt"});
    account->who.second_token = text(second.json, "accessJwt");
  }
  return account;
}

void SettlingIn::make_likeable(AuditedAccount& author, std::size_t posts) {
  Json writes = Json::array();
  for (std::size_t i = 0; i < posts; ++i) {
    const Stamps::Stamp stamp = shared_.stamps.next();
    writes.push_back(creation(post_collection, stamp.rkey,
                              {{"text", fmt::format("like this: {}", i)}, {"createdAt", stamp.created_at}}));
  }
  for (const Json& result : commit(author, writes))
    shared_.likeable.push_back({result.value("uri", ""), result.value("cid", "")});
  await_posts(author, "app.bsky.feed.getAuthorFeed", {{"actor", author.who.did}});
}

// What an account in use has: a profile (of which no field is set), a post, a like, and a list, which here holds itself
// alone.
void SettlingIn::establish(AuditedAccount& account, bool with_profile) {
  const Stamps::Stamp list = shared_.stamps.next();
  const Stamps::Stamp post = shared_.stamps.next();
  const Stamps::Stamp like = shared_.stamps.next();
  account.list_uri = fmt::format("at://{}/{}/{}", account.who.did, list_collection, list.rkey);
  const PostReference liked = shared_.likeable.at(account.liked++);
  Json writes{
      creation(list_collection, list.rkey,
               {{"purpose", "app.bsky.graph.defs#curatelist"}, {"name", "oneself"}, {"createdAt", list.created_at}}),
      creation(member_collection, list.rkey,
               {{"subject", account.who.did}, {"list", account.list_uri}, {"createdAt", list.created_at}}),
      creation(post_collection, post.rkey, {{"text", "an old post"}, {"createdAt", post.created_at}}),
      creation(like_collection, like.rkey,
               {{"subject", {{"uri", liked.uri}, {"cid", liked.cid}}}, {"createdAt", like.created_at}})};
  if (with_profile) writes.push_back(creation(profile_collection, "self", Json::object()));
  const Json results = commit(account, writes);
  account.old_post = {results.at(2).value("uri", ""), results.at(2).value("cid", "")};
  KeyState old_like;
  old_like.kind = like_kind;
  old_like.created_at = like.created_at;
  old_like.subject = liked.uri;
  account.keys[""] = old_like;  // which no session asks for: it tells how far a page of likes reaches
}

Json SettlingIn::commit(AuditedAccount& account, const Json& writes) {
  end_start_if(stop_);
  const auto trace = [&](void (Traces::*note)(const std::string&)) {
    if (account.traces == nullptr) return;
    for (const Json& write : writes)
      (account.traces.get()->*note)(fmt::format("{}/{}", write.value("collection", ""), write.value("rkey", "")));
  };
  trace(&Traces::writing);
  const Response response = pds_.post("com.atproto.repo.applyWrites", {{"repo", account.who.did}, {"writes", writes}},
                                      account.who.token, soon());
  if (response.outcome == Outcome::fail) trace(&Traces::gone);
  const std::string what = "writing the first records of " + account.who.handle;
  require(response, what, {"results"});
  const Json& results = member(response.json, "results");
  const auto named = [](const Json& result) { return !text(result, "uri").empty() && !text(result, "cid").empty(); };
  if (results.size() != writes.size() || !std::all_of(results.begin(), results.end(), named))
    fail(what, "its answer does not name each record with uri and cid");
  return results;
}

void SettlingIn::await_posts(const AuditedAccount& account, const std::string& route, const Parameters& parameters) {
  const bool directly = !shared_.appview.url.empty();
  await(
      fmt::format("a post of {} in {}", account.who.handle, route), directly ? shared_.appview : shared_.pds,
      [&] {
        return directly ? appview_.get(route, parameters, {}, soon())
                        : pds_.get(route, parameters, account.who.token, soon());
      },
      [&](const Response& response) {
        if (response.ok() && !directly) require(response, fmt::format("asking for {}", route), {"feed"});
        return response.ok() && !member(response.json, "feed").empty();
      });
}

void SettlingIn::await_known(const AuditedAccount& account) {
  await(
      "the account " + account.who.handle, shared_.appview,
      [&] {
        return appview_.get("app.bsky.actor.getProfile", {{"actor", account.who.did}}, {}, soon());
      },
      [](const Response& response) { return response.ok(); });
}

template <typename Ask, typename Shows>
void SettlingIn::await(const std::string& what, const Server& server, const Ask& ask, const Shows& shows) {
  for (;;) {
    end_start_if(stop_);
    const Response response = ask();
    if (shows(response)) return;
    if (Clock::now() >= deadline_) {
      throw EnvironmentError(fmt::format("atproto: {} was waited for in vain at {}: {}", what, server.url,
                                         response.ok() ? "its answers do not show it" : why_not(response)));
    }
    std::this_thread::sleep_for(look_interval);
  }
}

// All that is required is required of the PDS.
void SettlingIn::require(const Response& response, const std::string& what,
                         const std::vector<const char*>& members) const {
  if (!response.ok()) fail(what, why_not(response));
  std::vector<std::string> missing;
  for (const char* name : members) {
    const Json& told = member(response.json, name);
    if (told.is_null() || told == "") missing.push_back(fmt::format("'{}'", name));
  }
  if (missing.empty()) return;
  fail(what, fmt::format("its answer lacks {}; see that this is the URL of a PDS", fmt::join(missing, " and ")));
}

void SettlingIn::fail(const std::string& what, const std::string& why) const {
  throw EnvironmentError(fmt::format("atproto: {} at {} did not succeed: {}", what, shared_.pds.url, why));
}

std::string SettlingIn::why_not(const Response& response) const {
  const bool answered = response.status != 0;
  return answered ? response.why : fmt::format("{} ({} a call)", response.why, format_duration(each_within_));
}

}  // namespace afterwrite::atproto
