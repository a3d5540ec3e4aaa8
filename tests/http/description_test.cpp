#include "adapters/http/description.hpp"

#include <cstdlib>
#include <gmock/gmock.h>

#include "harness/session/errors.hpp"

namespace afterwrite::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Json = nlohmann::json;

Json service() {
  return Json::parse(R"({
    "nodes": [{"name": "api", "url": "http://127.0.0.1:8080/v1/"}],
    "session": {"cookies": true, "headers": {"X-User": "{user}"},
                "login": {"method": "POST", "path": "/login", "json": {"user": "{user}"}, "capture": {"token": {"json": "/accessToken"}}}},
    "write": {"method": "PUT", "path": "/users/{key}/bio", "json": {"bio": "{value}"}, "position": {"header": "X-Position"},
              "definite_failure": [400, 404, 409]},
    "read": {"method": "GET", "path": "/users/{key}/bio", "value": {"json": "/bio"}, "absent": [404],
             "send_position": {"header": "If-Min-Position"}, "position": {"header": "X-Position"}, "node": {"header": "X-Served-By"}}})");
}

std::string refusal(const Json& json, bool lists = false) {
  try {
    read_description(json, "svc.json", lists);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal(const char* pointer, const Json& value) {
  Json json = service();
  json[Json::json_pointer(pointer)] = value;
  return refusal(json);
}

TEST(Description, ReadsWhatThePlanDescribes) {
  const Description description = read_description(service(), "svc.json", false);
  EXPECT_EQ(description.nodes.front().url, "http://127.0.0.1:8080/v1");
  EXPECT_EQ(description.nodes.front().role, Role::leader);
  EXPECT_TRUE(description.connection.verify);
  EXPECT_THAT(description.write->definite_failure, testing::ElementsAre(400, 404, 409));
  const Request request = description.write->request.build("http://h", {{"key", "k 1"}, {"value", "s0-1"}});
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url, "http://h/users/k%201/bio");
  EXPECT_EQ(request.body, R"({"bio":"s0-1"})");
  EXPECT_THAT(request.headers, testing::ElementsAre(testing::Pair("Content-Type", "application/json")));
  EXPECT_EQ(description.read->position_header, "If-Min-Position");
}

TEST(Description, FormsQueriesAndTexts) {
  Json json = service();
  json["write"] =
      Json::parse(R"({"method": "POST", "path": "/u?x=1", "query": {"k": "{key}"}, "form": {"a b": "{value}&"}})");
  json["read"]["text"] = "{key}!";
  json["read"]["headers"] = {{"content-type", "text/x"}};
  const Description description = read_description(json, "svc.json", false);
  const Request form = description.write->request.build("http://h", {{"key", "k/1"}, {"value", "v"}});
  EXPECT_EQ(form.url, "http://h/u?x=1&k=k%2F1");
  EXPECT_EQ(form.body, "a%20b=v%26");
  const Request text = description.read->request.build("http://h", {{"key", "k1"}});
  EXPECT_EQ(text.body, "k1!");
  EXPECT_THAT(text.headers, testing::ElementsAre(testing::Pair("content-type", "text/x")));
}

TEST(Description, AWriteWithoutABodySaysSo) {
  Json json = service();
  json["write"] = {{"path", "/set/{key}/{value}"}};
  const Description description = read_description(json, "svc.json", false);
  EXPECT_EQ(description.write->request.build("http://h", {{"key", "k"}, {"value", "v"}}).body, "");
  EXPECT_EQ(description.read->request.build("http://h", {{"key", "k"}}).body, std::nullopt);
}

TEST(Description, ErrorsNameFileAndMember) {
  const std::tuple<const char*, Json, std::vector<std::string>> cases[]{
      {"/read/value", "bio", {"svc.json: read.value", "an object"}},
      {"/read/value", {{"json", "bio"}}, {"svc.json: read.value.json", "pointer"}},
      {"/read/value", {{"json", "/a"}, {"header", "X"}}, {"svc.json: read.value", "one of"}},
      {"/read/valeu", "x", {"svc.json: read: 'valeu'", "'value'"}},
      {"/read/absent", Json::array({true}), {"svc.json: read.absent", "true"}},
      {"/read/path", "users/{key}", {"svc.json: read.path", "slash"}},
      {"/read/path", "/users/me", {"svc.json: read", "{key}"}},
      {"/write/json", {{"bio", "x"}}, {"svc.json: write", "{value}"}},
      {"/write/json", {{"bio", "{vlaue}"}}, {"svc.json: write.json", "'value'"}},
      {"/write/text", "{value}", {"svc.json: write", "keep one"}},
      {"/write/definite_failure", Json::array({200}), {"svc.json: write.definite_failure", "200"}},
      {"/write/headers", {{"A b", "x"}}, {"svc.json: write.headers", "'A b'"}},
      {"/session/login/capture", {{"key", {{"json", "/x"}}}}, {"svc.json: session.login.capture.key"}},
      {"/nodes", Json::array(), {"svc.json: nodes"}},
      {"/nodes/0/url", "ftp://h", {"svc.json: nodes[0].url", "ftp://h"}},
      {"/nodes/0/role", "primary", {"svc.json: nodes[0].role", "primary"}},
      {"/nodes/0/role", "follower", {"svc.json: nodes", "leader"}},
      {"/nodes/1", {{"name", "api"}, {"url", "http://h"}}, {"svc.json: nodes[1].name", "twice"}},
      {"/http_version", "3", {"svc.json: http_version", "1.1"}},
      {"/insecure", "yes", {"svc.json: insecure", "true or false"}},
      {"/lag_probe", Json::object(), {"svc.json: lag_probe: 'write' is missing"}},
  };
  for (const auto& [pointer, value, words] : cases) {
    for (const std::string& word : words)
      EXPECT_THAT(refusal(pointer, value), HasSubstr(word)) << pointer;
  }
  Json json = service();
  json.erase("read");
  EXPECT_THAT(refusal(json), HasSubstr("svc.json: 'read' is missing"));
  EXPECT_THAT(refusal(service(), /*lists=*/true), HasSubstr("svc.json: 'append' is missing"));
}

TEST(Description, CredentialsThatAreWrittenOutAreRefusedAndNotRepeated) {
  const std::pair<const char*, Json> cases[]{
      {"/session/headers", {{"Authorization", "Bearer hunter2"}}},
      {"/session/headers", {{"X-Api-Key", "hunter2"}}},
      {"/session/bearer", "hunter2"},
      {"/session/basic", {{"user", "me"}, {"password", "hunter2"}}},
      {"/session/login/json", {{"user", "{user}"}, {"more", {{"Password", "hunter2"}}}}},
      {"/write/path", "/users/{key}?access_token=hunter2"},
      {"/read/query", {{"api_key", "hunter2"}}},
      {"/nodes/0/url", "http://me:hunter2@127.0.0.1/"},
  };
  for (const auto& [pointer, value] : cases) {
    EXPECT_THAT(refusal(pointer, value), AllOf(HasSubstr("{env:"), testing::Not(HasSubstr("hunter2")))) << pointer;
  }
}

TEST(Description, BasicCredentialsBecomeAHeader) {
  ASSERT_EQ(setenv("AW_BASIC", "open sesame", 1), 0);
  Json json = service();
  json["session"]["basic"] = {{"user", "Aladdin"}, {"password", "{env:AW_BASIC}"}};
  const Description description = read_description(json, "svc.json", false);
  ASSERT_EQ(unsetenv("AW_BASIC"), 0);
  Request request;
  add_headers(request, description.session.headers, {{"user", "u0"}});
  EXPECT_THAT(request.headers, testing::Contains(testing::Pair("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")));
  EXPECT_THAT(description.secrets.masked("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), testing::Not(HasSubstr("QWxh")));
}

}  // namespace
}  // namespace afterwrite::http
