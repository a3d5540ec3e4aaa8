// What `links` and `start` of a scenario mean, and in which words they are refused.
#include "harness/service/service_spec.hpp"

#include <gmock/gmock.h>

#include "harness/session/errors.hpp"

namespace afterwrite::service {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

ServiceSpec read(const json& members, const std::string& file = "/some/folder/scenario.json") {
  return read_service(choose_ports(members, file), file);
}

std::string refusal(const json& members) {
  try {
    read(members);
    return "accepted";
  } catch (const UsageError& error) {
    return error.what();
  }
}

json start(const json& more = json::object()) {
  json whole{{"command", {"./app", "--fast"}}, {"ready", {{"tcp", "127.0.0.1:80"}}}};
  whole.update(more);
  return {{"start", whole}};
}

TEST(ServiceSpec, LinksNameWhoDialsWhom) {
  const ServiceSpec spec =
      read({{"links",
             {{{"name", "app->replica"}, {"listen", "127.0.0.1:0"}, {"upstream", "127.0.0.1:5433"}},
              {{"name", "app->cache"}, {"listen", "localhost:7000"}, {"upstream", "[::1]:6379"}}}}});
  ASSERT_EQ(spec.links.size(), 2U);
  EXPECT_EQ(spec.links[0].name, (LinkName{"app", "replica"}));
  EXPECT_EQ(spec.links[0].listen, 0);
  EXPECT_EQ(to_string(spec.links[0].upstream), "127.0.0.1:5433");
  EXPECT_EQ(spec.links[1].listen, 7000);
  EXPECT_EQ(to_string(spec.links[1].upstream), "[::1]:6379");
  EXPECT_FALSE(spec.start);
}

TEST(ServiceSpec, OddLinksAreRefused) {
  const auto one = [](json link) { return refusal({{"links", {std::move(link)}}}); };
  EXPECT_EQ(
      refusal({{"links", "app"}}),
      "/some/folder/scenario.json: links expects an array of links, e.g. [{\"name\": \"app->replica\", \"upstream\": "
      "\"127.0.0.1:5433\"}]");
  EXPECT_THAT(one({{"upstream", "a:1"}}), HasSubstr("links/0: 'name' is missing"));
  EXPECT_THAT(one({{"name", "replica"}, {"upstream", "a:1"}}), HasSubstr("write who dials and who is dialled"));
  EXPECT_THAT(one({{"name", "a->b,c"}, {"upstream", "a:1"}}), HasSubstr("is no name of a link"));
  EXPECT_THAT(one({{"name", "clients->b"}, {"upstream", "a:1"}}), HasSubstr("name another dialler"));
  EXPECT_THAT(one({{"name", "a->b"}, {"upstream", "a"}}), HasSubstr("'upstream' is 'a'"));
  EXPECT_THAT(one({{"name", "a->b"}, {"upstream", "a:0"}}), HasSubstr("'upstream' is 'a:0'"));
  EXPECT_THAT(one({{"name", "a->b"}, {"upstream", "a:99999"}}), HasSubstr("'upstream' is 'a:99999'"));
  EXPECT_THAT(one({{"name", "a->b"}, {"upstream", "a:1"}, {"listen", "0.0.0.0:80"}}), HasSubstr("loopback alone"));
  EXPECT_THAT(one({{"name", "a->b"}, {"upsteam", "a:1"}}), HasSubstr("did you mean 'upstream'"));
  EXPECT_THAT(
      refusal({{"links", {{{"name", "a-b->c"}, {"upstream", "a:1"}}, {{"name", "a_b->c"}, {"upstream", "a:1"}}}}}),
      HasSubstr("AFTERWRITE_LINK_A_B_TO_C"));
}

TEST(ServiceSpec, StartSaysWhatToRunWhereAndWhenItIsReady) {
  const ServiceSpec spec = read(start({{"folder", "sub"},
                                       {"environment", {{"MODE", "fast"}}},
                                       {"ready", {{"url", "http://127.0.0.1:80/health"}, {"within", "5s"}}}}));
  ASSERT_TRUE(spec.start);
  EXPECT_THAT(spec.start->command, ElementsAre("./app", "--fast"));
  EXPECT_EQ(spec.start->folder, "/some/folder/sub");
  EXPECT_THAT(spec.start->environment, ElementsAre(Pair("MODE", "fast")));
  EXPECT_EQ(spec.start->ready.by, ReadySpec::By::url);
  EXPECT_EQ(spec.start->ready.within, std::chrono::seconds(5));
  EXPECT_EQ(read(start()).start->folder, "/some/folder");
}

TEST(ServiceSpec, OddStartsAreRefused) {
  EXPECT_THAT(refusal({{"start", {{"command", {"./app"}}}}}), HasSubstr("start: 'ready' is missing"));
  EXPECT_THAT(refusal(start({{"command", "./app --fast"}})),
              HasSubstr("'command' expects a program and its arguments"));
  EXPECT_THAT(refusal(start({{"command", json::array()}})), HasSubstr("'command' expects a program"));
  EXPECT_THAT(refusal(start({{"environment", {{"N", 1}}}})), HasSubstr("'N' expects a text"));
  EXPECT_THAT(refusal(start({{"ready", json::object()}})),
              HasSubstr("start/ready: say by one of 'url', 'tcp' and 'log'"));
  EXPECT_THAT(refusal(start({{"ready", {{"tcp", "a:1"}, {"log", "up"}}}})), HasSubstr("by one of"));
  EXPECT_THAT(refusal(start({{"ready", {{"tcp", "nowhere"}}}})), HasSubstr("'tcp' is 'nowhere'"));
  EXPECT_THAT(refusal(start({{"ready", {{"url", "127.0.0.1:80"}}}})), HasSubstr("'url' is '127.0.0.1:80'"));
  EXPECT_THAT(refusal(start({{"ready", {{"tcp", "a:1"}, {"within", "5"}}}})), HasSubstr("start/ready: 'within'"));
  EXPECT_THAT(refusal(start({{"environment", {{"DB", "{link:app->db}"}}}})), HasSubstr("no link is called 'app->db'"));
}

TEST(ServiceSpec, APortHasANameAndIsTheSameInEveryPlace) {
  json members = start({{"command", {"./app", "--port={port:api}"}}, {"environment", {{"DB_PORT", "{port:the-db}"}}}});
  members["nodes"] = {{{"name", "api"}, {"url", "http://127.0.0.1:{port:api}/v1"}}};
  members["links"] = {{{"name", "app->db"}, {"upstream", "127.0.0.1:{port:the-db}"}}};
  const WithPorts chosen = choose_ports(members, "scenario.json");
  const std::string api = std::to_string(chosen.ports.at("api"));
  const std::string db = std::to_string(chosen.ports.at("the-db"));
  EXPECT_NE(api, db);
  EXPECT_EQ(chosen.members.at("nodes").at(0).at("url"), "http://127.0.0.1:" + api + "/v1");
  const ServiceSpec spec = read_service(chosen, "scenario.json");
  EXPECT_THAT(spec.start->command, ElementsAre("./app", "--port=" + api));
  EXPECT_EQ(to_string(spec.links[0].upstream), "127.0.0.1:" + db);
  EXPECT_THAT(variables_of(spec, {{{"app", "db"}, {"127.0.0.1", 4711}}}),
              UnorderedElementsAre(Pair("AFTERWRITE_PORT_API", api), Pair("AFTERWRITE_PORT_THE_DB", db),
                                   Pair("AFTERWRITE_LINK_APP_TO_DB", "127.0.0.1:4711")));
}

TEST(ServiceSpec, APortIsForWhatIsStarted) {
  EXPECT_THAT(refusal({{"nodes", {{{"url", "http://127.0.0.1:{port:api}"}}}}}), HasSubstr("there is no 'start'"));
  EXPECT_THAT(refusal(start({{"command", {"{port:}"}}})), HasSubstr("needs a name"));
}

TEST(ServiceSpec, OtherBracesAreLeftAlone) {
  const json members{{"read", {{"path", "/users/{key}/bio{"}}}};
  EXPECT_EQ(choose_ports(members, "scenario.json").members, members);
  EXPECT_EQ(with_links("{link} {links:a} {link:a->b", {}, "there"), "{link} {links:a} {link:a->b");
}

}  // namespace
}  // namespace afterwrite::service
