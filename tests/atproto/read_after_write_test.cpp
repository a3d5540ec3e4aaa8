// What a real PDS merges into the answers of a real App View while the firehose between them is held.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/atproto/stack.hpp"
#include "harness/session/errors.hpp"
#include "tests/atproto/account.hpp"
#include "tests/atproto/visitor.hpp"

namespace afterwrite::atproto {
namespace {

TEST_F(ReadAfterWrite, UnderAHold) {
  deployment_->start();
  Visitor ann(*deployment_, "s0");
  Visitor bob(*deployment_, "s1");
  Visitor cyd(*deployment_, "s2");
  Visitor dan(*deployment_, "s3");
  ann.write("u0/post/old", "old");
  bob.write("u1/like/old", "old like");
  ASSERT_TRUE(settled(ann, "getAuthorFeed", "u0/post/old", std::string("old")));
  ASSERT_TRUE(settled(bob, "getActorLikes", "u1/like/old", std::string("old like")));

  proxy_.link(Stack::firehose()).hold(Direction::to_dialler);

  // Merged: a post and the best known fields of a profile, of an account in use.
  ann.write("u0/post/new", "new");
  ann.write("u0/displayName", "Ann");
  for (const char* view : {"getAuthorFeed", "getTimeline", "getPostThread"}) {
    EXPECT_EQ(ann.seen(view, "u0/post/new"), Value(std::string("new"))) << view;
    EXPECT_EQ(ann.answer, "merged") << view;
    EXPECT_EQ(ann.seen(std::string(view) + direct, "u0/post/new"), Value{}) << view;
  }
  for (const char* view : {"getProfile", "getProfiles"}) {
    EXPECT_EQ(ann.seen(view, "u0/displayName"), Value(std::string("Ann"))) << view;
    EXPECT_EQ(ann.evidence(std::string(view) + direct, "u0/displayName"), "lag admitted") << view;
  }
  EXPECT_EQ(ann.evidence("getPostThread (App View)", "u0/post/new"), "refused");
  EXPECT_EQ(ann.read("u0/post/new").value, Value(std::string("new"))) << "the repository has it";

  // Not merged.
  EXPECT_EQ(ann.evidence("getListFeed", "u0/post/new"), "lag admitted");
  ann.write("u0/website", "site");
  EXPECT_EQ(ann.evidence("getProfile", "u0/website"), "merged but incomplete");
  ann.remove("u0/post/old");
  EXPECT_EQ(ann.seen("getAuthorFeed", "u0/post/old"), Value(std::string("old")));
  EXPECT_EQ(ann.read("u0/post/old").value, Value{});
  bob.write("u1/like/new", "new like");
  EXPECT_EQ(bob.seen("getActorLikes", "u1/like/new"), Value{});
  bob.remove("u1/like/old");
  EXPECT_EQ(bob.seen("getActorLikes", "u1/like/old"), Value(std::string("old like")));

  // Ten records and no more.
  std::vector<Put> ten;
  for (int i = 0; i < 10; ++i)
    ten.push_back({"u2/like/" + std::to_string(i), "like " + std::to_string(i)});
  cyd.commit(ten);
  cyd.write("u2/post/eleventh", "eleventh");
  EXPECT_EQ(cyd.evidence("getTimeline", "u2/post/eleventh"), "merged but incomplete");
  dan.commit({{"u3/post/1", "one"}, {"u3/post/2", "two"}});
  EXPECT_EQ(dan.seen("getTimeline", "u3/post/1"), Value(std::string("one")));
  EXPECT_EQ(dan.seen("getTimeline", "u3/post/2"), Value(std::string("two")));

  // The first record of an account.
  dan.write("u3/newcomer/1", "first");
  EXPECT_EQ(dan.seen("getTimeline", "u3/newcomer/1"), Value{});
  EXPECT_EQ(dan.read("u3/newcomer/1").value, Value(std::string("first")));

  proxy_.link(Stack::firehose()).heal();
  EXPECT_TRUE(settled(ann, "getListFeed", "u0/post/new", std::string("new")));
  EXPECT_TRUE(settled(ann, "getAuthorFeed", "u0/post/old", Value{}));
  EXPECT_TRUE(settled(ann, "getProfile", "u0/website", std::string("site")));
  EXPECT_TRUE(settled(bob, "getActorLikes", "u1/like/new", std::string("new like")));
  EXPECT_TRUE(settled(bob, "getActorLikes", "u1/like/old", Value{}));
  EXPECT_TRUE(settled(cyd, "getTimeline", "u2/post/eleventh", std::string("eleventh")));
  EXPECT_TRUE(settled(dan, "getTimeline", "u3/newcomer/1", std::string("first")));
}

TEST_F(ReadAfterWrite, AKilledAppViewGivesNoAnswerAndNoVerdict) {
  deployment_->start();
  const Catalogue catalogue = deployment_->catalogue();
  const auto client = deployment_->open_client("s0");
  deployment_->kill(appview_node);
  const std::vector<Sought> keys{{"u0/displayName", {}}};
  EXPECT_EQ(client
                ->call({.function = Function::write,
                        .key = "u0/displayName",
                        .value = std::string("Ann"),
                        .list = false,
                        .node = pds_node,
                        .deadline = soon()})
                .outcome,
            Outcome::ok)
      << "the PDS needs no App View for it";
  for (const View& view : catalogue.views) {
    if (!view.name.starts_with("getProfile")) continue;
    const Sights sights = client->look_at({.view = view, .keys = keys, .node = view.node, .deadline = soon()});
    EXPECT_NE(sights.reply.outcome, Outcome::ok) << view.name;
    EXPECT_FALSE(sights.reply.error.empty()) << view.name;
  }
  deployment_->restart(appview_node);
  Visitor ann(*deployment_, "s0");
  EXPECT_TRUE(eventually([&] {
    const Sights sights =
        client->look_at({.view = catalogue.views.front(), .keys = keys, .node = pds_node, .deadline = soon()});
    return sights.reply.outcome == Outcome::ok && sights.found.at(0).value == Value(std::string("Ann"));
  }));
}

/// The repository of somebody who lends it is as it was when the run is over.
class Lent : public testing::Test {
 protected:
  Lent() { std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711)); }
  ~Lent() override { stack_.stop(); }

  TestFolder folder_;
  TemporaryFilesIn here_{folder_.path()};
  FaultProxy proxy_;
  Stack stack_{StackOptions{}, proxy_};
};

TEST_F(Lent, WhatWasWrittenIsDeleted) {
  stack_.start();
  Account owner(stack_, "lender");
  owner.post("mine");
  ASSERT_TRUE(eventually([&] { return owner.appview_has("mine"); }));
  ::setenv(password_variable, owner.password().c_str(), 1);
  const auto deployment = make_foreign({.url = stack_.pds_url(), .handle = owner.handle(), .most_records = 3}, proxy_);
  EXPECT_TRUE(deployment->describe().dump().find(owner.password()) == std::string::npos);
  deployment->start();
  {
    Visitor visitor(*deployment, "s0");
    visitor.write("u0/post/1", "for a moment");
    EXPECT_EQ(visitor.read("u0/post/1").value, Value(std::string("for a moment")));
    visitor.write("u0/displayName", "somebody else");
    visitor.write("u0/like/1", "like");
  }
  const auto client = deployment->open_client("s0");
  const Reply capped = client->call({.function = Function::write,
                                     .key = "u0/post/2",
                                     .value = std::string("too many"),
                                     .list = false,
                                     .node = pds_node,
                                     .deadline = soon()});
  EXPECT_EQ(capped.outcome, Outcome::fail);
  deployment->stop();
  ::unsetenv(password_variable);
  EXPECT_THAT(owner.records("app.bsky.feed.post"), testing::SizeIs(1));
  for (const char* collection :
       {"app.bsky.feed.like", "app.bsky.graph.list", "app.bsky.graph.listitem", "app.bsky.actor.profile"}) {
    EXPECT_THAT(owner.records(collection), testing::IsEmpty()) << collection;
  }
}

TEST_F(Lent, WithoutAPasswordNothingIsAsked) {
  ::unsetenv(password_variable);
  EXPECT_THROW(make_foreign({.url = "http://127.0.0.1:1", .handle = "me.test"}, proxy_), UsageError);
  ::setenv(password_variable, "a password", 1);
  EXPECT_THROW(make_foreign({.url = "http://me:secret@127.0.0.1:1", .handle = "me.test"}, proxy_), UsageError);
  EXPECT_THROW(make_foreign({.url = "http://127.0.0.1:1", .handle = ""}, proxy_), UsageError);
}

}  // namespace
}  // namespace afterwrite::atproto
