#include "harness/faults/fault_request.hpp"

#include <gmock/gmock.h>

#include "harness/faults/fault_kinds.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

std::string refusal(const std::string& text) {
  try {
    parse_fault(text);
    return "accepted";
  } catch (const UsageError& error) {
    const std::string what = error.what();
    const std::string where = "--fault '" + text + "': ";
    return what.starts_with(where) ? what.substr(where.size()) : "without saying where: " + what;
  }
}

TEST(ParseFault, Lag) {
  const FaultRequest request = parse_fault("lag:follower-1,delay=800ms@2s..6s");
  EXPECT_EQ(request.name, "lag");
  EXPECT_EQ(request.target, "follower-1");
  EXPECT_THAT(request.parameters, ElementsAre(Pair("delay", "800ms")));
  EXPECT_EQ(request.start, 2s);
  EXPECT_EQ(request.end, 6s);
  EXPECT_FALSE(request.whole_run);
  EXPECT_EQ(request.text, "lag:follower-1,delay=800ms@2s..6s");
}

TEST(ParseFault, ParametersMayStandBehindTheTimes) {
  FaultRequest before = parse_fault("lag:follower-1,delay=1s,links=both@2s..6s");
  const FaultRequest between = parse_fault("lag:follower-1,links=both@2s..6s,delay=1s");
  const FaultRequest behind = parse_fault("lag:follower-1@2s..6s,delay=1s,links=both");
  before.text = between.text;
  EXPECT_EQ(before, between);
  before.text = behind.text;
  EXPECT_EQ(before, behind);
}

TEST(ParseFault, TheOthers) {
  EXPECT_EQ(parse_fault("partition:follower-1@3s..5s").end, 5s);
  EXPECT_EQ(parse_fault("stall:follower-2@1s..4s").start, 1s);
  EXPECT_EQ(parse_fault("pause-replay:follower-1@1s..3s").name, "pause-replay");
  EXPECT_EQ(parse_fault("kill:leader@4s").target, "leader");
  EXPECT_EQ(parse_fault("kill:leader@4s").end, std::nullopt);
  EXPECT_EQ(parse_fault("kill:follower-1@4s..6s").end, 6s);
  EXPECT_EQ(parse_fault("stall:db:5432@0").target, "db:5432");
  EXPECT_EQ(parse_fault("stall:db:5432@0").start, 0s);
  EXPECT_EQ(parse_fault("none@1s..2s").end, 2s);
}

TEST(ParseFault, Failover) {
  const FaultRequest request = parse_fault("failover@5s,cut=2s");
  EXPECT_EQ(request.target, "");
  EXPECT_EQ(request.start, 5s);
  EXPECT_EQ(request.end, std::nullopt);
  EXPECT_THAT(request.parameters, ElementsAre(Pair("cut", "2s")));
  EXPECT_TRUE(parse_fault("failover@5s").parameters.empty());
  EXPECT_THAT(parse_fault("failover,cut=0@5s").parameters, ElementsAre(Pair("cut", "0")));
}

TEST(ParseFault, WithoutTimesItLastsTheWholeRun) {
  EXPECT_TRUE(parse_fault("lag:follower-1,delay=1s").whole_run);
  EXPECT_FALSE(parse_fault("lag:follower-1,delay=1s@0").whole_run);
}

TEST(ParseFault, UnknownNamesGetTheNearestKnownOne) {
  EXPECT_EQ(refusal("lagg:follower-1"),
            "no fault is called 'lagg' (did you mean 'lag'? known: lag, stall, hold, partition, pause-replay, kill, "
            "failover, "
            "none)");
  EXPECT_EQ(refusal("meteor"),
            "no fault is called 'meteor' (known: lag, stall, hold, partition, pause-replay, kill, failover, none)");
  EXPECT_EQ(refusal("lag:follower-1,dealy=1s"),
            "lag has no parameter 'dealy' (did you mean 'delay'? known: delay, links)");
  EXPECT_EQ(refusal("stall:follower-1,links=client"),
            "links=client: no such links (did you mean 'clients'? known: replication, clients, both)");
  EXPECT_EQ(refusal("kill:leader,delay=1s@4s"),
            "kill has no parameters, so no 'delay'; write kill:TARGET@START[..END]");
}

TEST(ParseFault, Malformed) {
  EXPECT_EQ(refusal(""), "name a fault: NAME[:TARGET][,param=value...][@START[..END]]");
  EXPECT_EQ(refusal("@5s"), "name a fault: NAME[:TARGET][,param=value...][@START[..END]]");
  EXPECT_EQ(refusal("lag:follower-1,delay"),
            "'delay' is no parameter (param=value); write "
            "lag:TARGET,delay=DURATION[,links=replication|clients|both][@START[..END]]");
  EXPECT_EQ(refusal("lag:follower-1,"),
            "'' is no parameter (param=value); write "
            "lag:TARGET,delay=DURATION[,links=replication|clients|both][@START[..END]]");
  EXPECT_EQ(refusal("lag:follower-1,delay=1s,delay=2s"), "delay is given twice");
  EXPECT_EQ(refusal("kill:leader@1s@2s"), "it has two times; write kill:TARGET@START[..END]");
}

TEST(ParseFault, Targets) {
  EXPECT_EQ(refusal("kill@4s"),
            "kill needs a target (leader, follower-1 ... or a node's name); write kill:TARGET@START[..END]");
  EXPECT_EQ(refusal("kill:@4s"),
            "kill needs a target (leader, follower-1 ... or a node's name); write kill:TARGET@START[..END]");
  EXPECT_EQ(refusal("failover:leader@4s"), "failover takes no target; write failover@START[,cut=DURATION]");
}

TEST(ParseFault, Values) {
  const std::string form = "; write a number and a unit, such as 500ms, 2s, 1.5s or 3m (units: ns, us, ms, s, m, h)";
  EXPECT_EQ(refusal("lag:follower-1"),
            "lag needs delay=; write lag:TARGET,delay=DURATION[,links=replication|clients|both][@START[..END]]");
  EXPECT_EQ(refusal("lag:follower-1,delay=fast"), "delay: 'fast' is no duration" + form);
  EXPECT_EQ(refusal("lag:follower-1,delay="), "delay: '' is no duration" + form);
  EXPECT_EQ(refusal("lag:follower-1,delay=500"), "delay: '500' has no unit" + form);
  EXPECT_EQ(refusal("lag:follower-1,delay=0s"), "delay must be above 0");
  EXPECT_EQ(refusal("lag:follower-1,delay=25h"), "delay=25h: at most 24h");
  EXPECT_EQ(refusal("failover@5s,cut=-2s"), "cut: '-2s' is negative" + form);
}

TEST(ParseFault, Times) {
  const std::string form = "; write a number and a unit, such as 500ms, 2s, 1.5s or 3m (units: ns, us, ms, s, m, h)";
  EXPECT_EQ(refusal("kill:leader"), "kill needs a time, e.g. @4s; write kill:TARGET@START[..END]");
  EXPECT_EQ(refusal("failover"), "failover needs a time, e.g. @4s; write failover@START[,cut=DURATION]");
  EXPECT_EQ(refusal("failover@5s..6s"), "failover happens at a moment: leave out '..6s'");
  EXPECT_EQ(refusal("kill:leader@"), "the start is missing after the @; @0 is the start of the run");
  EXPECT_EQ(refusal("kill:leader@..6s"), "the start is missing after the @; @0 is the start of the run");
  EXPECT_EQ(refusal("kill:leader@4s.."), "the end is missing after the '..'; leave them out for the end of the run");
  EXPECT_EQ(refusal("kill:leader@soon"), "the start: 'soon' is no duration" + form);
  EXPECT_EQ(refusal("kill:leader@4s..5"), "the end: '5' has no unit" + form);
  EXPECT_EQ(refusal("kill:leader@4s..4s"), "it ends at 4s, not after its start at 4s");
  EXPECT_EQ(refusal("kill:leader@4s..3500ms"), "it ends at 3500ms, not after its start at 4s");
}

TEST(FaultKinds, EveryFormAndSummaryIsGivenAndNamesAreUnique) {
  std::set<std::string_view> names;
  for (const FaultKind& kind : fault_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second);
    EXPECT_TRUE(kind.form.starts_with(kind.name));
    EXPECT_FALSE(kind.summary.empty());
    EXPECT_NE(kind.make, nullptr);
    for (const FaultParameter& parameter : kind.parameters) {
      EXPECT_NE(kind.form.find(std::string(parameter.name) + "="), std::string_view::npos);
    }
  }
}

TEST(LagRequests, OneDelayGrowsWithTheFollower) {
  const std::vector<FaultRequest> requests = lag_requests({500ms}, 3);
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].target, "follower-1");
  EXPECT_EQ(requests[0].parameters.at("delay"), "500ms");
  EXPECT_EQ(requests[2].target, "follower-3");
  EXPECT_EQ(requests[2].parameters.at("delay"), "1.5s");
  EXPECT_EQ(requests[2].parameters.at("links"), "replication");
  EXPECT_TRUE(requests[2].whole_run);
  EXPECT_EQ(requests[2].text, "--lag 500ms");
}

TEST(LagRequests, AListSetsEach) {
  const std::vector<FaultRequest> requests = lag_requests({0ms, 1200ms}, 2);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].target, "follower-2");
  EXPECT_EQ(requests[0].parameters.at("delay"), "1.2s");
  EXPECT_EQ(requests[0].text, "--lag 0,1.2s");
}

TEST(LagRequests, NothingAskedNothingGiven) {
  EXPECT_TRUE(lag_requests({}, 2).empty());
  EXPECT_TRUE(lag_requests({0ms}, 2).empty());
}

TEST(LagRequests, RefusesALagBeyondTheLongest) {
  try {
    lag_requests({13h}, 2);
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "--lag 13h: follower 2 would lag by more than 24h, which is the most");
  }
  EXPECT_THROW(lag_requests({Duration::max()}, 15), UsageError);
}

TEST(NeedsClientLinks, WhereASessionsLinkMayBeHit) {
  const auto needs = [](const char* text, bool replication_links = true) {
    const std::vector<FaultRequest> requests{parse_fault(text)};
    return needs_client_links(requests, replication_links);
  };
  EXPECT_FALSE(needs("partition:follower-1@3s..5s"));
  EXPECT_TRUE(needs("partition:follower-1@3s..5s", false));
  EXPECT_TRUE(needs("partition:leader@3s..5s"));
  EXPECT_TRUE(needs("partition:node-1@3s..5s"));
  EXPECT_FALSE(needs("partition:node-1,links=replication@3s..5s"));
  EXPECT_TRUE(needs("stall:follower-1,links=clients"));
  EXPECT_TRUE(needs("stall:follower-1,links=both"));
  EXPECT_FALSE(needs("partition:app->replica@3s..5s", false));
  EXPECT_FALSE(needs("kill:leader@4s"));
  EXPECT_FALSE(needs("failover@4s"));
  EXPECT_FALSE(needs("kill:leader@4s", false));
  EXPECT_FALSE(needs_client_links({}, false));
}

}  // namespace
}  // namespace afterwrite
