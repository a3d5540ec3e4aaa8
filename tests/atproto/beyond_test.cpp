// The same routes asked in other ways, and by others, while the firehose is held.
#include <gmock/gmock.h>

#include "adapters/atproto/stack.hpp"
#include "tests/atproto/account.hpp"
#include "tests/atproto/visitor.hpp"

namespace afterwrite::atproto {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Beyond : public ReadAfterWrite {
 protected:
  Beyond() : ReadAfterWrite(true) {}
};

TEST_F(Beyond, UnderAHold) {
  deployment_->start();
  Visitor ann(*deployment_, "s0");
  Visitor bob(*deployment_, "s1");
  ann.write("u0/post/old", "old");
  ASSERT_TRUE(settled(ann, "getAuthorFeed", "u0/post/old", std::string("old")));
  proxy_.link(Stack::firehose()).hold(Direction::to_dialler);

  ann.write("u0/post/new", "new");
  ann.write("u0/displayName", "Ann");
  const Value fresh = std::string("new");
  for (const char* view :
       {"getAuthorFeed", "getAuthorFeed (posts_no_replies)", "getAuthorFeed (posts_and_author_threads)",
        "getAuthorFeed (second device)", "getTimeline (second device)"}) {
    EXPECT_EQ(ann.seen(view, "u0/post/new"), fresh) << view;
  }
  EXPECT_EQ(ann.seen("getProfile (second device)", "u0/displayName"), Value(std::string("Ann")));
  // The PDS merges nothing into a feed that begins with a pinned post, nor into an empty one.
  EXPECT_EQ(ann.evidence("getAuthorFeed (pinned post first)", "u0/post/new"), "merged but incomplete");
  EXPECT_EQ(ann.seen("getAuthorFeed (pinned post first)", "u0/post/new"), Value{});
  bob.write("u1/first/1", "first");
  EXPECT_EQ(bob.seen("getAuthorFeed", "u1/first/1"), Value{});
  EXPECT_EQ(bob.seen("getTimeline", "u1/first/1"), Value(std::string("first")));
  EXPECT_EQ(bob.seen("getPostThread", "u1/first/1"), Value(std::string("first")));
  // Others see what the App View has.
  for (const char* view :
       {"getAuthorFeed (another's view)", "getPostThread (another's view)", "getTimeline (another's view)"})
    EXPECT_EQ(ann.evidence(view, "u0/post/new"), "another's view") << view;
  EXPECT_EQ(ann.seen("getProfile (another's view)", "u0/displayName"), Value{});

  ann.write("u0/threaded/1", "under it");
  for (const char* view : {"getPostThread", "getAuthorFeed", "getTimeline"})
    EXPECT_EQ(ann.seen(view, "u0/threaded/1"), Value(std::string("under it"))) << view;
  bob.write("u1/backdated/1", "yesterday's");
  for (const char* view : {"getPostThread", "getAuthorFeed", "getTimeline"})
    EXPECT_EQ(bob.seen(view, "u1/backdated/1"), Value(std::string("yesterday's"))) << view;
  // The filter is right about what belongs there; of what does not it knows nothing.
  ann.write("u0/picture/1", "with a picture");
  for (const char* view : {"getPostThread", "getAuthorFeed", "getTimeline", "getAuthorFeed (posts_with_media)"})
    EXPECT_EQ(ann.seen(view, "u0/picture/1"), Value(std::string("with a picture"))) << view;
  EXPECT_EQ(ann.evidence("getListFeed", "u0/picture/1"), "lag admitted");
  bob.write("u1/repost/1", "repost");
  EXPECT_EQ(bob.seen("getAuthorFeed", "u1/repost/1"), Value{});
  EXPECT_EQ(bob.read("u1/repost/1").value, Value(std::string("repost")));

  proxy_.link(Stack::firehose()).heal();
  EXPECT_TRUE(settled(ann, "getPostThread", "u0/threaded/1", std::string("under it")));
  EXPECT_TRUE(settled(bob, "getAuthorFeed", "u1/repost/1", std::string("repost")));
  for (const char* view : {"getAuthorFeed (posts_with_media)", "getListFeed"})
    EXPECT_TRUE(eventually([&] { return ann.seen(view, "u0/picture/1") == Value(std::string("with a picture")); })) << view;
  EXPECT_TRUE(settled(bob, "getAuthorFeed", "u1/backdated/1", std::string("yesterday's")));
  EXPECT_TRUE(settled(bob, "getAuthorFeed", "u1/first/1", std::string("first")));
  for (const View& view : deployment_->catalogue().views) {
    const bool of_posts = std::find(view.kinds.begin(), view.kinds.end(), post_kind) != view.kinds.end();
    EXPECT_TRUE(!of_posts || eventually([&] { return ann.seen(view.name, "u0/post/new") == fresh; })) << view.name;
  }
}

/// What the PDS merges in, it merges into every page and through every filter.
class Pages : public testing::Test {
 protected:
  Pages() { std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711)); }
  ~Pages() override { stack_.stop(); }

  TestFolder folder_;
  TemporaryFilesIn here_{folder_.path()};
  FaultProxy proxy_;
  Stack stack_{StackOptions{}, proxy_};
};

TEST_F(Pages, UnderAHold) {
  stack_.start();
  Account ann(stack_, "ann");
  Account bob(stack_, "bob");
  bob.post_picture("his first picture");
  for (const char* text : {"first", "second", "third"})
    ann.post(text);
  ASSERT_TRUE(eventually([&] {
    return ann.appview_has("first") && ann.appview_has("second") && ann.appview_has("third") &&
           bob.appview_has("his first picture");
  }));
  proxy_.link(Stack::firehose()).hold(Direction::to_dialler);
  const std::string fourth = ann.post("fourth");
  std::string cursor;
  EXPECT_THAT(ann.seen_through_pds("&limit=1", &cursor), ElementsAre("fourth", "third")) << "more than was asked for";
  EXPECT_THAT(ann.seen_through_pds("&limit=1&cursor=" + http::url_encoded(cursor)), ElementsAre("fourth", "second"))
      << "once more";
  ann.post("a reply", fourth);
  EXPECT_THAT(ann.seen_through_pds("&filter=posts_no_replies"),
              ElementsAre("a reply", "fourth", "third", "second", "first"));
  const std::string pictures = "&filter=posts_with_media";
  EXPECT_THAT(ann.seen_through_pds(pictures), IsEmpty()) << "an empty feed stays empty";
  ann.post_picture("her first picture");
  EXPECT_THAT(ann.seen_through_pds(pictures), IsEmpty()) << "also where something belongs there";
  bob.post("no picture");
  bob.post_picture("his second picture");
  EXPECT_THAT(bob.seen_through_pds(pictures), ElementsAre("his second picture", "no picture", "his first picture"))
      << "the filter is not applied to what is merged in";
  proxy_.link(Stack::firehose()).heal();
  ASSERT_TRUE(eventually([&] { return ann.appview_has("a reply"); }));
  ASSERT_TRUE(eventually([&] { return bob.appview_has("his second picture"); }));
  EXPECT_THAT(ann.seen_through_pds("&filter=posts_no_replies"),
              ElementsAre("her first picture", "fourth", "third", "second", "first"));
  EXPECT_THAT(ann.seen_through_pds(pictures), ElementsAre("her first picture"));
  EXPECT_THAT(bob.seen_through_pds(pictures), ElementsAre("his second picture", "his first picture"));
}

}  // namespace
}  // namespace afterwrite::atproto
