#include <fmt/format.h>

#include "adapters/atproto/client.hpp"
#include "adapters/atproto/members.hpp"

namespace afterwrite::atproto {
namespace {

// The PDS makes tokens out for a minute.
constexpr auto tokens_last = std::chrono::seconds(40);

// How the PDS answered: whether it merged records of its own, or passed on what the App View said.
std::string answer_of(const Response& response, bool through_pds) {
  if (!response.ok()) return "refused";
  if (!through_pds) return "App View";
  return response.rev.empty() ? "merged" : "passed through";
}

}  // namespace

// The repository itself: what the PDS has, whatever any view shows.
Reply AtprotoClient::read(const Call& call, const KeyName& name) {
  Reply reply;
  reply.outcome = Outcome::ok;
  reply.node = pds_node;
  reply.labels["route"] = "getRecord";
  AuditedAccount* account = account_of(name, call.key, false);
  KeyState key;
  if (account != nullptr) {
    const std::lock_guard lock(account->mutex);
    if (const auto known = account->keys.find(call.key); known != account->keys.end()) key = known->second;
  }
  if (key.rkey.empty()) return reply;  // nobody ever wrote it
  const Response response =
      pds_.get("com.atproto.repo.getRecord",
               {{"repo", account->who.did}, {"collection", key.collection}, {"rkey", key.rkey}}, {}, call.deadline);
  if (response.error == "RecordNotFound") return reply;
  if (!response.ok()) {
    Reply failed;
    failed.outcome = response.outcome;
    failed.error = response.why;
    failed.node = pds_node;
    failed.connection = response.connection;
    failed.labels = reply.labels;
    return failed;
  }
  const nlohmann::json& record = atproto::member(response.json, "value");
  const std::string member = is_profile_field(key.kind) ? key.kind : "text";
  if (key.kind == like_kind || key.kind == repost_kind) {
    reply.value = key.content;
  } else if (record.contains(member) && record[member].is_string()) {
    reply.value = shown_value(*account, key.kind, record[member].get<std::string>());
  }
  return reply;
}

Sights AtprotoClient::look_at(const Look& look) {
  Sights sights;
  sights.reply.outcome = Outcome::fail;
  sights.reply.node = look.node;
  const std::optional<Route> route = route_of(look.view);
  const bool through_pds = look.node == pds_node;
  if (!route || (!through_pds && !appview_)) {
    sights.reply.error = fmt::format("{} cannot be asked for {}", look.node, look.view.name);
    return sights;
  }
  // All keys of a look are of one account: the session's, or that of one newcomer.
  AuditedAccount* viewer = account_of(parse_key(look.keys.front().key), look.keys.front().key, false);
  if (viewer == nullptr) {
    sights.reply.error = "nothing was ever written under this key";
    return sights;
  }
  // A snapshot from before the call: what others write meanwhile may or may not be seen.
  std::vector<std::optional<KeyState>> states;
  std::optional<Parameters> parameters;
  std::vector<const KeyState*> keys;
  {
    const std::lock_guard lock(viewer->mutex);
    for (const Sought& sought : look.keys) {
      const auto known = viewer->keys.find(sought.key);
      states.push_back(known == viewer->keys.end() ? std::nullopt : std::optional(known->second));
    }
    for (const auto& state : states)
      keys.push_back(state ? &*state : nullptr);
    parameters = parameters_of(*route, *viewer, keys);
  }
  if (!parameters) {
    sights.reply.error = "nothing was ever written under these keys";
    return sights;
  }
  const Response response = ask(look, *route, *viewer, *parameters);
  sights.reply.connection = response.connection;
  sights.reply.labels["answer"] = answer_of(response, through_pds);
  const bool of_others = route->eyes == Eyes::another;
  if (!of_others && !response.rev.empty()) {
    const std::lock_guard lock(viewer->mutex);
    viewer->admitted = std::max(viewer->admitted, response.rev);
  }
  tell_pending(sights.reply);
  if (!tells(*route, response)) {
    sights.reply.outcome = response.ok() ? Outcome::fail : response.outcome;
    sights.reply.error = response.ok() ? "the answer lacks what the route is about" : response.why;
    return sights;
  }
  sights.reply.outcome = Outcome::ok;
  if (!of_others) sights.reply.position = response.rev;
  {
    const std::lock_guard lock(viewer->mutex);
    sights.found = sightings(*route, response, *viewer, keys);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Sighting& one = sights.found[i];
    if (!one.decided) continue;
    const std::string why = evidence(response, through_pds, *keys[i], one.value);
    // What the answer says of itself is about the repository of whoever asked.
    if (!why.empty()) one.labels["evidence"] = of_others ? "another's view" : why;
  }
  return sights;
}

// With the login of whoever looks; the App View itself knows none.
Response AtprotoClient::ask(const Look& look, const Route& route, const AuditedAccount& owner,
                            const Parameters& parameters) {
  std::string token = owner.who.token;
  if (route.eyes == Eyes::second_device) token = owner.who.second_token;
  if (route.eyes == Eyes::another) token = shared_.another->who.token;
  if (look.node == pds_node) return pds_.get(route.nsid, parameters, token, look.deadline);
  if (auto problem = token_for(owner, route, look.deadline, token)) return *std::move(problem);
  return appview_->get(route.nsid, parameters, token, look.deadline);
}

// Sets `token`, or returns why there is none.
std::optional<Response> AtprotoClient::token_for(const AuditedAccount& viewer, const Route& route, Deadline deadline,
                                                 std::string& token) {
  Token& known = tokens_[viewer.who.did + ' ' + route.nsid];
  if (known.text.empty() || Clock::now() >= known.until) {
    known.until = Clock::now() + tokens_last;
    Response response = pds_.get("com.atproto.server.getServiceAuth",
                                 {{"aud", shared_.appview_did}, {"lxm", route.nsid}}, viewer.who.token, deadline);
    known.text = response.ok() ? text(response.json, "token") : "";
    if (known.text.empty()) return response;
  }
  token = known.text;
  return std::nullopt;
}

}  // namespace afterwrite::atproto
