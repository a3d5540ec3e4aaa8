// What the answers of Bluesky's routes tell of keys.
#include "adapters/atproto/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace afterwrite::atproto {
namespace {

using Json = nlohmann::json;
using testing::IsEmpty;
using testing::SizeIs;

KeyState key(const char* kind, const char* rkey, const char* created_at) {
  KeyState made;
  made.kind = kind;
  made.rkey = rkey;
  made.uri = std::string("at://did:plc:me/app.bsky.feed.post/") + rkey;
  made.created_at = std::string("2026-01-01T00:00:0") + created_at + ".000Z";
  made.content = made.acknowledged = std::string(rkey);
  made.rev = "5";
  return made;
}

Json shown(const KeyState& post) {
  return {{"post",
           {{"uri", post.uri},
            {"record", {{"text", std::get<std::string>(post.content)}, {"createdAt", post.created_at}}},
            {"indexedAt", "2026-01-01T00:00:09.000Z"}}}};
}

Response answer(Json json, const std::string& rev = "7") {
  Response made;
  made.outcome = Outcome::ok;
  made.status = 200;
  made.json = std::move(json);
  made.rev = rev;
  return made;
}

const Route timeline{"getTimeline", "app.bsky.feed.getTimeline"};
const Route thread{"getPostThread", "app.bsky.feed.getPostThread"};
const Route likes{"getActorLikes", "app.bsky.feed.getActorLikes"};
const Route profiles{"getProfiles", "app.bsky.actor.getProfiles"};
const Route profile{"getProfile", "app.bsky.actor.getProfile"};

class ViewsTest : public testing::Test {
 protected:
  ViewsTest() { viewer_.who.did = "did:plc:me"; }
  std::vector<Sighting> seen(const Route& route, const Response& response, const std::vector<const KeyState*>& keys) {
    return sightings(route, response, viewer_, keys);
  }
  static void expect(const Sighting& sighting, const Value& value) {
    EXPECT_TRUE(sighting.decided);
    EXPECT_EQ(sighting.value, value);
  }

  AuditedAccount viewer_;
  const KeyState old_ = key(post_kind, "old", "1");
  const KeyState middle_ = key(post_kind, "middle", "2");
  const KeyState newest_ = key(post_kind, "newest", "3");
};

TEST_F(ViewsTest, APostWithinThePageIsDecidedAndOneBeyondIsNot) {
  const Response response = answer({{"feed", {shown(middle_)}}, {"cursor", "more"}});
  const auto found = seen(timeline, response, {&newest_, &middle_, &old_, nullptr});
  ASSERT_THAT(found, SizeIs(4));
  expect(found[0], {});
  expect(found[1], std::string("middle"));
  EXPECT_FALSE(found[2].decided) << "it is older than all that the page shows";
  EXPECT_FALSE(found[3].decided) << "nothing is known of it";
}

TEST_F(ViewsTest, OnTheLastPageEverythingIsDecided) {
  expect(seen(timeline, answer({{"feed", {shown(middle_)}}}), {&old_}).at(0), {});
  expect(seen(timeline, answer({{"feed", Json::array()}}), {&old_}).at(0), {});
}

TEST_F(ViewsTest, AnEmptyPageBeforeTheLastDecidesNothing) {
  EXPECT_FALSE(seen(timeline, answer({{"feed", Json::array()}, {"cursor", "more"}}), {&old_}).at(0).decided);
}

TEST_F(ViewsTest, WhatIsRepostedDoesNotTellHowFarThePageReaches) {
  Json repost = shown(old_);
  repost["reason"] = {{"$type", "app.bsky.feed.defs#reasonRepost"}};
  const Response response = answer({{"feed", {shown(newest_), repost}}, {"cursor", "more"}});
  EXPECT_FALSE(seen(timeline, response, {&middle_}).at(0).decided);
}

TEST_F(ViewsTest, AThreadDecidesItsRootAndItsReplies) {
  KeyState reply = key(reply_kind, "reply", "3");
  reply.parent = middle_.uri;
  Json root = shown(middle_);
  root["replies"] = Json::array();
  const Response without = answer({{"thread", root}});
  expect(seen(thread, without, {&reply}).at(0), {});
  root["replies"] = {shown(reply)};
  const auto found = seen(thread, answer({{"thread", root}}), {&reply, &middle_, &newest_});
  expect(found[0], std::string("reply"));
  expect(found[1], std::string("middle"));
  EXPECT_FALSE(found[2].decided) << "it is of another thread";
  EXPECT_EQ(parameters_of(thread, viewer_, std::vector<const KeyState*>{&reply})->front().second, middle_.uri);
  EXPECT_FALSE(parameters_of(thread, viewer_, std::vector<const KeyState*>{nullptr}));
}

TEST_F(ViewsTest, WhatIsNotFoundIsNotThere) {
  Response response;
  response.outcome = Outcome::fail;
  response.status = 400;
  response.error = "NotFound";
  EXPECT_TRUE(tells(thread, response));
  expect(seen(thread, response, {&middle_}).at(0), {});
  response.error = "InvalidRequest";
  response.why = "the answer is 400 InvalidRequest: Profile not found";
  EXPECT_TRUE(tells(thread, response));
  response.why = "the answer is 400 InvalidRequest: limit too large";
  EXPECT_FALSE(tells(thread, response));
  response.why = "the answer is 502 UpstreamFailure: upstream not found";
  response.status = 502;
  EXPECT_FALSE(tells(thread, response));
}

TEST_F(ViewsTest, AnAnswerThatLacksWhatTheRouteIsAboutTellsNothing) {
  for (const Route& route : {timeline, thread, likes, profiles, profile}) {
    EXPECT_FALSE(tells(route, answer(Json::object()))) << route.name;
    EXPECT_FALSE(tells(route, answer({{"feed", 1}, {"thread", 1}, {"profiles", Json::array()}, {"did", 1}})))
        << route.name;
  }
  EXPECT_TRUE(tells(timeline, answer({{"feed", Json::array()}})));
  EXPECT_TRUE(tells(thread, answer({{"thread", Json::object()}})));
  EXPECT_TRUE(tells(profile, answer({{"did", "did:plc:me"}})));
  EXPECT_TRUE(tells(profiles, answer({{"profiles", {{{"did", "did:plc:me"}}}}})));
}

TEST_F(ViewsTest, ALikeIsTheLikedPostInTheFeed) {
  KeyState older = key(like_kind, "older", "1");
  KeyState like = key(like_kind, "like", "2");
  older.subject = "at://did:plc:author/app.bsky.feed.post/1";
  like.subject = "at://did:plc:author/app.bsky.feed.post/2";
  const auto liked = [](const KeyState& one) {
    return Json{
        {"post", {{"uri", one.subject}, {"record", {{"text", "x"}}}, {"indexedAt", "2020-01-01T00:00:00.000Z"}}}};
  };
  viewer_.keys[""] = older;
  expect(seen(likes, answer({{"feed", {liked(like)}}, {"cursor", "more"}}), {&like}).at(0), std::string("like"));
  expect(seen(likes, answer({{"feed", {liked(older)}}, {"cursor", "more"}}), {&like}).at(0), {});
  EXPECT_FALSE(seen(likes, answer({{"feed", {liked(like)}}, {"cursor", "more"}}), {&older}).at(0).decided);
}

TEST_F(ViewsTest, AFieldOfTheProfileIsThereOrNot) {
  const KeyState name = key("displayName", "self", "1");
  const KeyState pronouns = key("pronouns", "self", "1");
  const Json shown_profile{{"did", "did:plc:me"}, {"displayName", "s0-1"}};
  for (const auto& [route, json] :
       {std::pair{profile, shown_profile}, {profiles, Json{{"profiles", {shown_profile}}}}}) {
    const auto found = seen(route, answer(json), {&name, &pronouns});
    expect(found.at(0), std::string("s0-1"));
    expect(found.at(1), {});
  }
}

TEST_F(ViewsTest, EvidenceIsWhatTheAnswerSaysOfItself) {
  const KeyState post = key(post_kind, "post", "1");
  EXPECT_EQ(evidence(answer({}, "4"), true, post, {}), "lag admitted");
  EXPECT_EQ(evidence(answer({}, "5"), true, post, {}), "rev overtakes data");
  EXPECT_EQ(evidence(answer({}, "6"), false, post, {}), "rev overtakes data");
  EXPECT_EQ(evidence(answer({}, ""), true, post, {}), "merged but incomplete");
  EXPECT_THAT(evidence(answer({}, "4"), true, post, post.acknowledged), IsEmpty());
  Response refused;
  refused.status = 400;
  refused.outcome = Outcome::fail;
  EXPECT_EQ(evidence(refused, true, post, {}), "refused");
  KeyState unacknowledged = post;
  unacknowledged.rev.clear();
  EXPECT_THAT(evidence(answer({}, "4"), true, unacknowledged, {}), IsEmpty());
  KeyState deleted = post;
  deleted.acknowledged = Value{};
  EXPECT_EQ(evidence(answer({}, "4"), true, deleted, post.content), "lag admitted");
  EXPECT_THAT(evidence(answer({}, "4"), true, deleted, {}), IsEmpty());
}

TEST_F(ViewsTest, WhatIsMergedInWithAnOldDateDoesNotTellHowFarThePageReaches) {
  const KeyState backdated = key(backdated_kind, "backdated", "0");
  const Response response = answer({{"feed", {shown(backdated), shown(newest_), shown(middle_)}}, {"cursor", "more"}});
  const auto found = seen(timeline, response, {&old_, &backdated});
  EXPECT_FALSE(found[0].decided) << "it is beyond the page";
  expect(found[1], std::string("backdated"));
}

TEST_F(ViewsTest, ARepostIsThePostWithAReasonOfOnesOwn) {
  KeyState repost = key(repost_kind, "repost", "2");
  repost.subject = "at://did:plc:author/app.bsky.feed.post/1";
  const auto reposted = [&](const char* who) {
    return Json{
        {"post", {{"uri", repost.subject}, {"record", {{"text", "x"}}}, {"indexedAt", "2020-01-01T00:00:00.000Z"}}},
        {"reason",
         {{"$type", "app.bsky.feed.defs#reasonRepost"},
          {"by", {{"did", who}}},
          {"indexedAt", "2026-01-01T00:00:02.500Z"}}}};
  };
  const auto page = [&](const Json& feed) { return answer({{"feed", feed}, {"cursor", "more"}}); };
  expect(seen(timeline, page({reposted("did:plc:me"), shown(old_)}), {&repost}).at(0), std::string("repost"));
  EXPECT_FALSE(seen(timeline, page({reposted("did:plc:other")}), {&repost}).at(0).decided);
  Json old_item = shown(old_);
  old_item["post"]["indexedAt"] = old_.created_at;
  expect(seen(timeline, page({reposted("did:plc:other"), old_item}), {&repost}).at(0), {});
}

TEST_F(ViewsTest, PendingIsWhatTheAppViewHasNotAdmitted) {
  EXPECT_EQ(pending_records(viewer_), 0U);
  const auto written = [&](const char* kind, const char* rkey, const char* sent, const char* rev) {
    KeyState one = key(kind, rkey, "1");
    one.collection = collection_of(kind);
    one.sent = sent;
    one.rev = rev;
    viewer_.keys[std::string(kind) + rkey] = one;
    return &viewer_.keys[std::string(kind) + rkey];
  };
  KeyState* post = written(post_kind, "1", "3a", "3b");
  written(post_kind, "2", "3d", "");  // no answer: it may have been written
  written("displayName", "self", "3e", "3f");
  written("description", "self", "3g", "3h");
  EXPECT_EQ(pending_records(viewer_), 3U) << "the profile is one record";
  viewer_.admitted = "3b";
  EXPECT_EQ(pending_records(viewer_), 2U);
  viewer_.admitted = "3f";
  EXPECT_EQ(pending_records(viewer_), 1U);
  viewer_.admitted = "3h";
  EXPECT_EQ(pending_records(viewer_), 0U);
  viewer_.admitted = "";
  post->acknowledged = Value{};
  EXPECT_EQ(pending_records(viewer_), 2U) << "what is deleted is not there to be merged";
}

http::Exchange exchange(long status, const std::string& body) {
  http::Exchange made;
  made.answer.status = status;
  made.answer.body = body;
  return made;
}

// A write is certainly not done only where the PDS itself says so.
TEST(Xrpc, OnlyARefusalOfThePdsIsAFail) {
  const std::string refusal = R"({"error":"InvalidRequest","message":"no"})";
  EXPECT_EQ(response_of(exchange(400, refusal), Asks::procedure).outcome, Outcome::fail);
  EXPECT_EQ(response_of(exchange(401, refusal), Asks::procedure).outcome, Outcome::fail);
  for (const long status : {408L, 500L, 502L, 301L})
    EXPECT_EQ(response_of(exchange(status, refusal), Asks::procedure).outcome, Outcome::info) << status;
  // Somebody on the way: the PDS may have done it.
  EXPECT_EQ(response_of(exchange(404, "<html>"), Asks::procedure).outcome, Outcome::info);
  EXPECT_EQ(response_of(exchange(400, R"({"error":7})"), Asks::procedure).outcome, Outcome::info);
  EXPECT_EQ(response_of(exchange(200, "<html>"), Asks::procedure).outcome, Outcome::info);
  for (const long status : {301L, 404L, 408L, 502L})
    EXPECT_EQ(response_of(exchange(status, "<html>"), Asks::query).outcome, Outcome::fail) << status;
}

TEST(Xrpc, AnEmptyAnswerIsNoneToAQuery) {
  EXPECT_EQ(response_of(exchange(200, ""), Asks::query).outcome, Outcome::fail);
  const Response done = response_of(exchange(200, ""), Asks::procedure);
  EXPECT_TRUE(done.ok());
  EXPECT_TRUE(done.json.is_object());
}

TEST(Xrpc, CallsToAServerThatIsNotOursAreKeptApart) {
  constexpr auto between = std::chrono::milliseconds(20);
  Pace pace(between);
  const Clock::time_point begin = Clock::now();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 2; ++caller) {
    callers.emplace_back([&] {
      for (int call = 0; call < 3; ++call)
        pace.await_turn(begin + std::chrono::hours(1));
    });
  }
  for (std::thread& caller : callers)
    caller.join();
  EXPECT_GE(Clock::now() - begin, 5 * between) << "the sixth comes after five of these";
  const Clock::time_point past = begin;
  pace.await_turn(past);  // does not hang
}

TEST(Bluesky, EveryViewHasItsRouteAndEveryDeedIsSeenSomewhere) {
  for (const auto& [extent, views] : {std::pair{Extent::foreign, 7U}, {Extent::own, 14U}, {Extent::beyond, 25U}}) {
    const Catalogue catalogue = bluesky_catalogue(extent);
    EXPECT_THAT(catalogue.views, SizeIs(views));
    for (const View& view : catalogue.views)
      EXPECT_TRUE(route_of(view)) << view.name;
    for (const Deed& deed : catalogue.deeds) {
      for (const DeedStep& step : deed.steps)
        EXPECT_NO_THROW(parse_key("u0/" + step.kind));
      const bool seen = std::any_of(catalogue.views.begin(), catalogue.views.end(), [&](const View& view) {
        return std::find(view.kinds.begin(), view.kinds.end(), deed.steps.back().kind) != view.kinds.end();
      });
      EXPECT_TRUE(seen) << deed.name;
    }
  }
}

TEST(Bluesky, ARouteIsAskedAsItsViewSays) {
  const AuditedAccount viewer;
  for (const View& view : bluesky_catalogue(Extent::beyond).views) {
    const Route route = *route_of(view);
    const bool of_another = view.name.ends_with("(another's view)");
    EXPECT_EQ(route.eyes == Eyes::another, of_another) << view.name;
    EXPECT_FALSE(of_another && view.promised) << view.name;
    if (!view.name.ends_with("(posts_no_replies)")) continue;
    EXPECT_THAT(*parameters_of(route, viewer, {}),
                testing::Contains(std::pair<std::string, std::string>("filter", "posts_no_replies")));
  }
}

TEST(Bluesky, StampsAreAscendingAndDifferent) {
  Stamps stamps;
  Stamps::Stamp last = stamps.next();
  EXPECT_EQ(last.rkey.size(), 13U);
  for (int i = 0; i < 100; ++i) {
    const Stamps::Stamp next = stamps.next();
    EXPECT_LT(last.rkey, next.rkey);
    EXPECT_LT(last.created_at, next.created_at);
    last = next;
  }
}

}  // namespace
}  // namespace afterwrite::atproto
