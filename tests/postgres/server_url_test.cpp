#include "adapters/postgres/server_url.hpp"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/postgres/postgres.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::postgres {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

/// What the refusal of `text` says; empty if it is taken.
std::string refusal_of(const std::string& text) {
  try {
    const ServerUrl url(text, "--leader");
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(ServerUrl, IsShownWithoutTheUser) {
  EXPECT_EQ(ServerUrl("postgresql://ada@db.example:5433/shop", "--leader").shown(), "db.example:5433/shop");
  EXPECT_EQ(ServerUrl("host=10.0.0.1 dbname=shop user=ada", "--leader").shown(), "10.0.0.1:5432/shop");
  EXPECT_EQ(ServerUrl("postgres://ada@[::1]/shop?sslmode=require", "--leader").shown(), "::1:5432/shop");
}

TEST(ServerUrl, ALiteralPasswordIsRefusedAndNotRepeated) {
  for (const char* text :
       {"postgresql://ada:hunter2@db.example/shop", "host=db.example password=hunter2",
        "postgresql://db.example/shop?password=hunter2", "postgresql://db.example/?sslpassword=hunter2",
        "postgresql://ada:hunter2{env:X}@db.example/shop"}) {
    const std::string refusal = refusal_of(text);
    EXPECT_THAT(refusal, HasSubstr("PGPASSFILE")) << text;
    EXPECT_THAT(refusal, HasSubstr("--leader"));
    EXPECT_THAT(refusal, Not(HasSubstr("hunter2")));
  }
}

TEST(ServerUrl, WhatIsNoUrlIsRefusedAndNotRepeated) {
  for (const char* text : {"postgresql://ada:hunter2@[db/shop", "hunter2", "mysql://ada:hunter2@db/shop",
                           "postgresql://ada:hunter2%zz@db/shop"}) {
    const std::string refusal = refusal_of(text);
    EXPECT_THAT(refusal, HasSubstr("postgresql://USER@HOST:PORT/DATABASE")) << text;
    EXPECT_THAT(refusal, Not(HasSubstr("hunter2")));
  }
}

TEST(ServerUrl, NamesOneServer) {
  EXPECT_THAT(refusal_of("postgresql://a,b/shop"), HasSubstr("several servers"));
  EXPECT_THAT(refusal_of("host=a,b dbname=shop"), HasSubstr("several servers"));
}

TEST(ServerUrl, TakesAPasswordFromTheEnvironmentWhenItConnects) {
  const ServerUrl url("postgresql://ada:{env:AFTERWRITE_TEST_PASSWORD}@db.example/shop", "--follower");
  unsetenv("AFTERWRITE_TEST_PASSWORD");
  EXPECT_THROW(url.target(), UsageError);
  setenv("AFTERWRITE_TEST_PASSWORD", "hunter2", 1);
  EXPECT_THAT(url.target().parameters, Contains(Pair("password", "hunter2")));
  EXPECT_THAT(url.target().parameters, Contains(Pair("host", "db.example")));
  EXPECT_THAT(url.target().shown, Not(HasSubstr("hunter2")));
  unsetenv("AFTERWRITE_TEST_PASSWORD");
}

/// Opens nothing: for what is refused before anything is dialled.
class NoLinks : public LinkFactory {
 public:
  Address open(const LinkName&, const Address&, std::uint16_t) override { throw EnvironmentError("no links here"); }
  void close(const LinkName&) override {}
};

TEST(ForeignOptions, EndpointAndLeaderExcludeEachOther) {
  NoLinks links;
  ForeignOptions options;
  EXPECT_THROW(make_foreign(options, links), UsageError);
  options.follower_urls = {"postgresql://b/shop"};
  EXPECT_THROW(make_foreign(options, links), UsageError);
  options.leader_url = "postgresql://a/shop";
  EXPECT_NO_THROW(make_foreign(options, links));
  options.endpoint_url = "postgresql://c/shop";
  EXPECT_THROW(make_foreign(options, links), UsageError);
}

TEST(ForeignOptions, NothingIsDoneToServersOfTheUsers) {
  NoLinks links;
  ForeignOptions options;
  options.leader_url = "postgresql://a/shop";
  options.follower_urls = {"postgresql://b/shop"};
  const auto deployment = make_foreign(options, links);
  for (const Ability ability : {Ability::kill, Ability::restart, Ability::pause_replay, Ability::promote}) {
    EXPECT_THAT(deployment->refusal(ability, "node-1").value_or(""), HasSubstr("--leader"));
  }
  EXPECT_THROW(deployment->kill("node-1"), EnvironmentError);
  EXPECT_THROW(deployment->promote(), EnvironmentError);
  EXPECT_EQ(deployment->replication_link("node-1"), std::nullopt);
  EXPECT_EQ(deployment->topology().leader(), "node-0");
}

TEST(ClusterOptions, UnknownOptionsNameTheNearestKnown) {
  NoLinks links;
  const auto refusal = [&](const std::string& name, const std::string& value) -> std::string {
    ClusterOptions options;
    options.options[name] = value;
    try {
      make_cluster(options, links);
      return "";
    } catch (const UsageError& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal("synk", "on"), HasSubstr("did you mean 'sync'"));
  EXPECT_THAT(refusal("sync", "remote_aply"), HasSubstr("did you mean 'remote_apply'"));
  EXPECT_EQ(refusal("sync", "remote_apply"), "");
}

TEST(ClusterOptions, RolesAndRefusalsAreKnownBeforeTheStart) {
  NoLinks links;
  ClusterOptions options;
  options.followers = 0;
  const auto alone = make_cluster(options, links);
  EXPECT_THAT(alone->refusal(Ability::promote, "").value_or(""), HasSubstr("--followers"));
  options.followers = 2;
  const auto cluster = make_cluster(options, links);
  EXPECT_EQ(cluster->topology().followers(), (std::vector<std::string>{"node-1", "node-2"}));
  EXPECT_EQ(cluster->replication_link("node-2"), (LinkName{"node-2", "node-0"}));
  EXPECT_EQ(cluster->replication_link("node-0"), std::nullopt);
  EXPECT_EQ(cluster->client_link("node-0"), std::nullopt);
  EXPECT_THAT(cluster->refusal(Ability::pause_replay, "node-0").value_or(""), HasSubstr("leader"));
  EXPECT_THAT(cluster->refusal(Ability::kill, "node-7").value_or(""), HasSubstr("node-2"));
  EXPECT_EQ(cluster->refusal(Ability::pause_replay, "node-1"), std::nullopt);
  cluster->stop();
}

}  // namespace
}  // namespace afterwrite::postgres
