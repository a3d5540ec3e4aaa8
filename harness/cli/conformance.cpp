#include "harness/cli/conformance.hpp"

#include <fmt/format.h>
#include <random>

#include "harness/cli/conformance_scene.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {

namespace {

using conformance::Scene;

struct Check {
  std::string_view name;
  void (*run)(Scene&);
};

constexpr Check checks[] = {
    {"round trip", conformance::round_trip},
    {"absent key", conformance::absent_key},
    {"another session", conformance::another_session},
    {"keys apart", conformance::keys_apart},
    {"special characters", conformance::special_characters},
    {"long value", conformance::long_value},
    {"lists", conformance::lists},
    {"concurrent sessions", conformance::concurrent_sessions},
    {"followers", conformance::followers},
    {"positions", conformance::positions},
    {"beats", conformance::beats},
    {"deadline", conformance::deadline},
    {"cut in mid-write", conformance::cut_in_mid_write},
    {"after a lost connection", conformance::after_a_lost_connection},
};

Conformance carry_out(const Check& check, Scene& scene) {
  using Result = Conformance::Result;
  try {
    check.run(scene);
    return {check.name, Result::ok, {}};
  } catch (const conformance::Failed& failed) {
    return {check.name, Result::failed, failed.why};
  } catch (const conformance::NotApplicable& reason) {
    return {check.name, Result::not_applicable, reason.why};
  } catch (const std::exception& error) {
    return {check.name, Result::failed,
            fmt::format("the adapter threw '{}'; what a server or network does is an outcome",
                        visible_text(error.what(), 1000))};
  }
}

}  // namespace

std::string_view to_string(Conformance::Result result) {
  switch (result) {
    case Conformance::Result::ok:
      return "ok";
    case Conformance::Result::failed:
      return "FAILED";
    case Conformance::Result::not_applicable:
      return "not applicable";
  }
  return "unknown";
}

std::vector<std::string_view> conformance_checks() {
  std::vector<std::string_view> names;
  for (const Check& check : checks)
    names.push_back(check.name);
  return names;
}

std::vector<Conformance> check_conformance(Deployment& deployment, FaultProxy& proxy,
                                           const std::function<void(const Conformance&)>& tell, std::stop_token stop) {
  Scene scene(deployment, proxy);
  std::vector<Conformance> all;
  for (const Check& check : checks) {
    if (stop.stop_requested()) break;
    all.push_back(carry_out(check, scene));
    if (tell) tell(all.back());
  }
  return all;
}

namespace conformance {

Scene::Scene(Deployment& deployment, FaultProxy& proxy) : deployment_(deployment), proxy_(proxy) {
  std::random_device source;
  token_ = fmt::format("c{:08x}", source());
}

std::string Scene::leader() const {
  const std::string leader = deployment_.topology().leader();
  if (leader.empty()) throw Failed{"the topology has no leader; expected one that takes writes"};
  return leader;
}

std::vector<std::string> Scene::nodes() const {
  std::vector<std::string> names;
  for (const Node& node : deployment_.topology().nodes)
    names.push_back(node.name);
  return names;
}

void Scene::need(Function function) const {
  if (!deployment_.offers(function)) throw NotApplicable{fmt::format("it has no '{}'", to_string(function))};
}

std::unique_ptr<Obstruction> Scene::obstruct(const Client& client) const {
  auto between = obstruction_between(client, leader(), deployment_, proxy_);
  if (!between) throw NotApplicable{"nothing lies between a client and the system that could be held or cut"};
  return between;
}

Reply write(Client& client, const std::string& node, const std::string& key, const std::string& value,
            Duration within) {
  return client.call({.function = Function::write,
                      .key = key,
                      .value = value,
                      .list = false,
                      .node = node,
                      .deadline = Clock::now() + within});
}

Reply append(Client& client, const std::string& node, const std::string& key, const std::string& value) {
  return client.call({.function = Function::append,
                      .key = key,
                      .value = value,
                      .list = true,
                      .node = node,
                      .deadline = Clock::now() + patience});
}

Reply read(Client& client, const std::string& node, const std::string& key, bool list, Duration within) {
  return client.call({.function = Function::read,
                      .key = key,
                      .value = {},
                      .list = list,
                      .node = node,
                      .deadline = Clock::now() + within});
}

std::string reason_of(const Reply& reply) {
  constexpr std::size_t longest = 1000;
  return reply.error.empty() ? "without a reason" : visible_text(reply.error, longest);
}

Reply must_be_ok(Reply reply, const std::string& what) {
  if (reply.outcome != Outcome::ok) {
    throw Failed{fmt::format("{} was '{}' ({}); expected 'ok'", what, to_string(reply.outcome), reason_of(reply))};
  }
  return reply;
}

void must_show(const Reply& reply, const Value& expected, const std::string& what) {
  must_be_ok(reply, what);
  if (reply.value != expected)
    throw Failed{fmt::format("{} returned {}; expected {}", what, display(reply.value), display(expected))};
}

}  // namespace conformance

}  // namespace afterwrite
