// Links and a started service around a deployment: what is done in which order, and that it is undone.
#include "harness/service/service_deployment.hpp"

#include <fstream>
#include <gmock/gmock.h>

#include "harness/faults/proxy.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/session/errors.hpp"
#include "tests/faults/tcp_peer.hpp"

namespace afterwrite::service {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// Says what is asked of it.
class Inner : public Deployment {
 public:
  std::vector<std::string> done;
  bool fails = false;

  void start() override {
    done.emplace_back("start");
    if (fails) throw EnvironmentError("the inner one does not answer");
  }
  void stop() noexcept override { done.emplace_back("stop"); }
  Topology topology() const override { return {{{"api", Role::unknown}}, 0}; }
  nlohmann::json describe() const override { return {{"kind", "inner"}}; }
  std::unique_ptr<Client> open_client(const std::string&) override { return nullptr; }
  std::unique_ptr<Beat> open_beat() override { return nullptr; }
  std::optional<bool> at_least(const std::string&, const std::string&) const override { return std::nullopt; }
  std::optional<LinkName> replication_link(const std::string&) const override { return std::nullopt; }
  std::optional<LinkName> client_link(const std::string&) const override { return LinkName{"clients", "api"}; }
  std::optional<std::string> refusal(Ability, const std::string&) const override { return "no"; }
  nlohmann::json kill(const std::string&) override { return {}; }
  void restart(const std::string&) override {}
  void pause_replay(const std::string&) override {}
  void resume_replay(const std::string&) override {}
  nlohmann::json promote() override { return {}; }
  bool healthy(std::string& why) const override {
    why = "inner";
    return !fails;
  }
};

class ServiceDeploymentTest : public testing::Test {
 protected:
  ServiceDeployment deployment(const nlohmann::json& members) {
    const std::string file = folder.path() / "scenario.json";
    return {inner,
            read_service(choose_ports(members, file), file),
            {proxy, folder.path() / "service.log", [this](const std::string& line) { announced.push_back(line); }, {}}};
  }
  static nlohmann::json link(const testing_tcp::Listener& server) {
    return {{"name", "app->replica"}, {"listen", "127.0.0.1:0"}, {"upstream", to_string(server.address())}};
  }
  static nlohmann::json command(std::initializer_list<const char*> steps) {
    nlohmann::json words{AFTERWRITE_TEST_PYTHON, AFTERWRITE_TEST_SERVICE};
    for (const char* step : steps)
      words.push_back(step);
    return words;
  }

  PrivateFolder folder;
  FaultProxy proxy;
  Inner inner;
  std::vector<std::string> announced;
  testing_tcp::Listener server;
  const LinkName name{"app", "replica"};
};

TEST_F(ServiceDeploymentTest, LinksAreOpenWhileItRuns) {
  ServiceDeployment whole = deployment({{"links", {link(server)}}});
  EXPECT_THAT(whole.named_links(), ElementsAre(name));
  EXPECT_EQ(whole.client_link("api"), (LinkName{"clients", "api"}));
  whole.start();
  const std::string listen = whole.describe().at("service").at("links").at(0).at("listen");
  EXPECT_THAT(announced, ElementsAre("link app->replica: " + listen + " leads to " + to_string(server.address())));
  auto app = testing_tcp::dial_or_throw(parse_address(listen).value());
  auto served = server.accept();
  app.send("ping");
  EXPECT_EQ(served.receive(4), "ping");
  EXPECT_EQ(whole.describe().at("kind"), "inner");
  whole.stop();
  EXPECT_TRUE(proxy.links().empty());
  EXPECT_THAT(inner.done, ElementsAre("start", "stop"));
}

TEST_F(ServiceDeploymentTest, ALinkListensWhereItIsTold) {
  nlohmann::json fixed = link(server);
  std::string listen;
  {
    const testing_tcp::Listener free;
    listen = to_string(free.address());
  }
  fixed["listen"] = listen;
  ServiceDeployment whole = deployment({{"links", {fixed}}});
  whole.start();
  EXPECT_EQ(whole.describe().at("service").at("links").at(0).at("listen"), listen);
  whole.stop();
}

TEST_F(ServiceDeploymentTest, APortThatIsTakenIsTold) {
  const testing_tcp::Listener taken;
  nlohmann::json fixed = link(server);
  fixed["listen"] = to_string(taken.address());
  ServiceDeployment whole = deployment({{"links", {fixed}}});
  try {
    whole.start();
    ADD_FAILURE() << "started";
  } catch (const EnvironmentError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the link app -> replica: cannot listen on " + to_string(taken.address())));
  }
  whole.stop();
}

TEST_F(ServiceDeploymentTest, TheServiceIsUpBeforeTheInnerOneStartsAndKnowsTheLinks) {
  ServiceDeployment whole =
      deployment({{"links", {link(server)}},
                  {"start",
                   {{"command", command({"show=AFTERWRITE_LINK_APP_TO_REPLICA", "show=AFTERWRITE_PORT_API",
                                         "serve={port:api}", "say=up", "wait"})},
                    {"ready", {{"url", "http://127.0.0.1:{port:api}/"}, {"within", "60s"}}}}}});
  whole.start();
  const nlohmann::json described = whole.describe().at("service");
  std::ifstream log(folder.path() / "service.log");
  std::string line;
  std::getline(log, line);
  EXPECT_EQ(line, "AFTERWRITE_LINK_APP_TO_REPLICA " + described.at("links").at(0).at("listen").get<std::string>());
  std::getline(log, line);
  EXPECT_EQ(line, "AFTERWRITE_PORT_API " + std::to_string(described.at("ports").at("api").get<int>()));
  std::string why;
  EXPECT_TRUE(whole.healthy(why)) << why;
  inner.fails = true;
  EXPECT_FALSE(whole.healthy(why));
  EXPECT_EQ(why, "inner");
  whole.stop();
  EXPECT_THAT(inner.done, ElementsAre("start", "stop"));
}

TEST_F(ServiceDeploymentTest, WhatWasBegunIsUndoneWhenTheRestFails) {
  ServiceDeployment whole = deployment(
      {{"links", {link(server)}}, {"start", {{"command", command({"say=up", "wait"})}, {"ready", {{"log", "up"}}}}}});
  inner.fails = true;
  EXPECT_THROW(whole.start(), EnvironmentError);
  whole.stop();
  EXPECT_TRUE(proxy.links().empty());
}

}  // namespace
}  // namespace afterwrite::service
