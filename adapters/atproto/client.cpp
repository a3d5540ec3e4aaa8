#include "adapters/atproto/client.hpp"

#include <fmt/format.h>

#include "adapters/atproto/bluesky.hpp"
#include "adapters/atproto/members.hpp"
#include "adapters/atproto/picture.hpp"
#include "adapters/atproto/profile.hpp"

namespace afterwrite::atproto {
namespace {

using Json = nlohmann::json;

constexpr auto back_date = std::chrono::hours(24);

bool is_about_a_post(std::string_view kind) {
  return kind == like_kind || kind == repost_kind;
}

Reply refused(std::string why) {
  Reply reply;
  reply.outcome = Outcome::fail;
  reply.error = std::move(why);
  return reply;
}

Reply reply_of(const Response& response, const std::string& node) {
  Reply reply;
  reply.outcome = response.outcome;
  reply.error = response.why;
  reply.node = node;
  reply.connection = response.connection;
  return reply;
}

std::string rev_of(const Response& response) {
  return response.ok() ? text(member(response.json, "commit"), "rev") : "";
}

// A write that was acknowledged without saying which commit it is in is a write all the same.
Reply written(const Response& response) {
  Reply reply = reply_of(response, pds_node);
  reply.position = rev_of(response);
  return reply;
}

// What is known of a key after a write of it: what is certain, and what may be.
void learn(KeyState& key, const Response& response, const Value& value) {
  if (!response.ok()) return;
  key.rev = rev_of(response);
  key.acknowledged = value;
}

}  // namespace

AtprotoClient::AtprotoClient(Shared& shared, std::shared_ptr<AuditedAccount> account)
    : shared_(shared), account_(std::move(account)), pds_(shared.pds.url, shared.pds.options, shared.pds.pace) {
  if (!shared.appview.url.empty()) appview_.emplace(shared.appview.url, shared.appview.options);
}

// Before a record is sent, and once it is known not to be there.
void AtprotoClient::trace(const AuditedAccount& account, const KeyState& key,
                          void (Traces::*note)(const std::string&)) {
  if (account.traces != nullptr) (account.traces.get()->*note)(fmt::format("{}/{}", key.collection, key.rkey));
}

// Whose record the key is; null if there is none to take.
AuditedAccount* AtprotoClient::account_of(const KeyName& name, const std::string& key, bool write) {
  if (!needs_an_account(name.kind)) return account_.get();
  const std::lock_guard lock(shared_.mutex);
  const auto taken = shared_.taken.find(key);
  if (taken != shared_.taken.end()) return taken->second.get();
  auto& newcomers = shared_.newcomers[name.kind];
  if (!write || newcomers.empty()) return nullptr;
  AuditedAccount* account = newcomers.back().get();
  shared_.taken[key] = std::move(newcomers.back());
  newcomers.pop_back();
  return account;
}

// Workloads that must not leave too much pending go by it.
void AtprotoClient::tell_pending(Reply& reply) {
  const std::lock_guard lock(account_->mutex);
  reply.labels[pending_label] = std::to_string(pending_records(*account_));
}

bool AtprotoClient::may_write(std::size_t records) {
  const std::lock_guard lock(shared_.mutex);
  if (shared_.writes_left < records) return false;
  shared_.writes_left -= records;
  return true;
}

Reply AtprotoClient::call(const Call& call) {
  const KeyName name = parse_key(call.key);
  if (call.function == Function::read) return read(call, name);
  Reply reply = write(call, name);
  tell_pending(reply);
  return reply;
}

Reply AtprotoClient::write(const Call& call, const KeyName& name) {
  if (call.function == Function::append) return refused("Bluesky has no lists that are appended to");
  if (!may_write(1)) return refused("as many records were written as may be");
  if (call.function == Function::remove) return remove(call, name);
  return is_profile_field(name.kind) ? edit_profile(call, name) : create(call, name);
}

// A new record of the key, known from now on: it may come to be whatever becomes of the call.
KeyState AtprotoClient::drafted(AuditedAccount& account, const KeyName& name, const Value& value) {
  const Stamps::Stamp stamp =
      shared_.stamps.next(name.kind == backdated_kind ? back_date : std::chrono::milliseconds());
  KeyState key;
  key.kind = name.kind;
  key.collection = collection_of(name.kind);
  key.rkey = stamp.rkey;
  key.created_at = stamp.created_at;
  key.uri = fmt::format("at://{}/{}/{}", account.who.did, key.collection, key.rkey);
  key.content = value;
  key.sent = stamp.rkey;
  const std::lock_guard lock(account.mutex);
  if (name.kind == reply_kind || name.kind == threaded_kind) {
    const PostReference& parent = name.kind == reply_kind ? account.old_post : account.newest_post;
    key.parent = parent.uri;
    key.parent_cid = parent.cid;
  }
  if (is_about_a_post(name.kind) && account.liked < shared_.likeable.size())
    key.subject = shared_.likeable[account.liked++].uri;
  return key;
}

// Empty if it can be written.
std::string AtprotoClient::lacking(const KeyState& key) {
  if (is_about_a_post(key.kind) && key.subject.empty()) return "no post is left that this account has not liked";
  if (key.kind == threaded_kind && key.parent.empty()) return "this account has no new post to reply to";
  return {};
}

Json AtprotoClient::record_of(const KeyState& key) const {
  Json record{{"$type", key.collection}, {"createdAt", key.created_at}};
  if (is_about_a_post(key.kind)) {
    for (const PostReference& post : shared_.likeable) {
      if (post.uri == key.subject) record["subject"] = {{"uri", post.uri}, {"cid", post.cid}};
    }
    return record;
  }
  record["text"] = std::get<std::string>(key.content);
  if (!key.blob.is_null()) record["embed"] = picture_embed(key.blob);
  if (!key.parent.empty()) {
    const Json post{{"uri", key.parent}, {"cid", key.parent_cid}};
    record["reply"] = {{"root", post}, {"parent", post}};
  }
  return record;
}

Reply AtprotoClient::create(const Call& call, const KeyName& name) {
  AuditedAccount* account = account_of(name, call.key, true);
  if (account == nullptr) return refused("no account is left that has no record yet");
  KeyState key = drafted(*account, name, call.value);
  if (std::string lacks = lacking(key); !lacks.empty()) return refused(std::move(lacks));
  if (name.kind == picture_kind) {
    const Response uploaded =
        pds_.upload("com.atproto.repo.uploadBlob", picture_bytes(), picture_type, account->who.token, call.deadline);
    key.blob = member(uploaded.json, "blob");
    // Whatever became of the picture, there is no post.
    if (!uploaded.ok() || key.blob.is_null()) {
      Reply reply = reply_of(uploaded, pds_node);
      reply.outcome = Outcome::fail;
      reply.error =
          fmt::format("the picture was not uploaded: {}", uploaded.ok() ? "no blob in the answer" : uploaded.why);
      return reply;
    }
  }
  {
    const std::lock_guard lock(account->mutex);
    account->keys[call.key] = key;
  }
  const Json input{
      {"repo", account->who.did}, {"collection", key.collection}, {"rkey", key.rkey}, {"record", record_of(key)}};
  trace(*account, key, &Traces::writing);
  const Response response = pds_.post("com.atproto.repo.createRecord", input, account->who.token, call.deadline);
  if (response.outcome == Outcome::fail) trace(*account, key, &Traces::gone);
  const std::lock_guard lock(account->mutex);
  learn(account->keys[call.key], response, call.value);
  if (response.ok() && key.kind == post_kind) account->newest_post = {key.uri, text(response.json, "cid")};
  return written(response);
}

// Of the user's account nothing is written over that somebody else wrote. Returns why there is to be no edit.
std::optional<Reply> AtprotoClient::expect_profile(AuditedAccount& account, Deadline deadline, Json& input) {
  if (account.traces == nullptr) return std::nullopt;
  if (!account.profile_there) {
    const Response response =
        pds_.get("com.atproto.repo.getRecord", profile_of(account.who.did), account.who.token, deadline);
    const ToldProfile there = profile_told(response);
    if (!there.known) return refused("the profile could not be read before its edit");
    if (there.record != account.first_profile && !account.traces->wrote_profile(there.record, there.cid))
      return refused("somebody else has changed the profile, which is left as it is");
    account.profile_there = there.swap();
  }
  if (*account.profile_there != "") input["swapRecord"] = *account.profile_there;
  return std::nullopt;
}

// What is known of the user's profile after an edit.
void AtprotoClient::trace_profile(AuditedAccount& account, const Json& record, const Response& response) {
  if (account.traces == nullptr) return;
  const std::string cid = text(response.json, "cid");
  if (response.ok()) account.traces->profile_written(cid);
  if (response.outcome == Outcome::fail) account.traces->profile_refused(record);
  account.profile_there = response.ok() && !cid.empty() ? std::optional<Json>(cid) : std::nullopt;
}

Reply AtprotoClient::edit_profile(const Call& call, const KeyName& name) {
  AuditedAccount& account = *account_;
  const std::lock_guard edit(account.edit);
  Json input{{"repo", account.who.did}, {"collection", profile_collection}, {"rkey", "self"}};
  if (auto refusal = expect_profile(account, call.deadline, input)) return *std::move(refusal);
  Json record;
  Json before;
  {
    const std::lock_guard lock(account.mutex);
    before = account.profile;
    account.profile[name.kind] = as_written(name.kind, std::get<std::string>(call.value));
    record = account.profile;
    KeyState& key = account.keys[call.key];
    key.kind = name.kind;
    key.collection = profile_collection;
    key.rkey = "self";
    key.content = call.value;
    key.sent = shared_.stamps.next().rkey;
  }
  record["$type"] = profile_collection;
  input["record"] = record;
  if (account.traces != nullptr) account.traces->writing_profile(record);
  const Response response = pds_.post("com.atproto.repo.putRecord", input, account.who.token, call.deadline);
  trace_profile(account, record, response);
  const std::lock_guard lock(account.mutex);
  if (response.outcome == Outcome::fail) account.profile = before;
  learn(account.keys[call.key], response, call.value);
  return written(response);
}

Reply AtprotoClient::remove(const Call& call, const KeyName& name) {
  AuditedAccount* account = account_of(name, call.key, false);
  if (account == nullptr || is_profile_field(name.kind)) return refused("there is nothing to delete under this key");
  KeyState key;
  {
    const std::lock_guard lock(account->mutex);
    const auto known = account->keys.find(call.key);
    if (known == account->keys.end()) return refused("there is nothing to delete under this key");
    key = known->second;
  }
  const Json input{{"repo", account->who.did}, {"collection", key.collection}, {"rkey", key.rkey}};
  const Response response = pds_.post("com.atproto.repo.deleteRecord", input, account->who.token, call.deadline);
  // One that got no answer may come to be after its delete.
  if (response.ok() && !key.rev.empty()) trace(*account, key, &Traces::gone);
  const std::lock_guard lock(account->mutex);
  learn(account->keys[call.key], response, Value{});
  return written(response);
}

Reply AtprotoClient::write_together(const Commit& commit) {
  if (!may_write(commit.puts.size())) return refused("as many records were written as may be");
  AuditedAccount& account = *account_;
  Json writes = Json::array();
  std::vector<KeyState> keys;
  for (const Put& put : commit.puts) {
    const KeyName name = parse_key(put.key);
    if (is_profile_field(name.kind) || needs_an_account(name.kind) || name.kind == picture_kind)
      return refused("only new records are written together");
    const KeyState key = drafted(account, name, to_value(put.value));
    if (std::string lacks = lacking(key); !lacks.empty()) return refused(std::move(lacks));
    writes.push_back({{"$type", "com.atproto.repo.applyWrites#create"},
                      {"collection", key.collection},
                      {"rkey", key.rkey},
                      {"value", record_of(key)}});
    const std::lock_guard lock(account.mutex);
    account.keys[put.key] = key;
    keys.push_back(key);
  }
  for (const KeyState& key : keys)
    trace(account, key, &Traces::writing);
  const Json input{{"repo", account.who.did}, {"writes", writes}};
  const Response response = pds_.post("com.atproto.repo.applyWrites", input, account.who.token, commit.deadline);
  for (const KeyState& key : keys) {
    if (response.outcome == Outcome::fail) trace(account, key, &Traces::gone);
  }
  const std::lock_guard lock(account.mutex);
  for (const Put& put : commit.puts)
    learn(account.keys[put.key], response, to_value(put.value));
  return written(response);
}

Reply AtprotoClient::commit(const Commit& commit) {
  Reply reply = write_together(commit);
  tell_pending(reply);
  return reply;
}

Awaited AtprotoClient::await(const std::string&, const std::string&, Deadline) {
  return {Applied::reached};
}

}  // namespace afterwrite::atproto
