// Under what reads are made, by the faults that are played.

#include <gtest/gtest.h>

#include "harness/run/conditions.hpp"

namespace afterwrite {
namespace {

class ConditionsTest : public testing::Test {
 protected:
  ConditionsTest() { sample(); }

  // `carries`: what each of the fault's links does; none for a fault that works on no link.
  void start(const std::string& fault, const std::vector<std::string>& carries = {}) {
    conditions_.turning(fault);
    nlohmann::json detail = nlohmann::json::object();
    for (const std::string& one : carries)
      detail["links"].push_back({{"from", "a"}, {"to", "b"}, {"carries", one}});
    take(fault, "start", detail);
  }
  void end(const std::string& fault) {
    conditions_.turning(fault);
    take(fault, "end", nlohmann::json::object());
  }
  void take(const std::string& fault, const std::string& phase, const nlohmann::json& detail) {
    FaultEvent event;
    event.fault = fault;
    event.phase = phase;
    event.episode = fault + "-1";
    event.detail = detail;
    conditions_.take(event);
  }
  // The one node shows what was written until now, or until then.
  void sample(std::optional<Nanoseconds> shown = {}) {
    LagSample one;
    one.time = clock_.now();
    one.node = "node-1";
    conditions_.take(one, shown.value_or(clock_.now()));
  }
  std::string now() const { return conditions_.now().name; }
  std::string of_new_write() {
    conditions_.writing("x", clock_.now());
    return conditions_.of_read("x");
  }

  RunClock clock_;
  Conditions conditions_{clock_};
};

TEST_F(ConditionsTest, held_and_delayed_are_what_is_replicated) {
  start("hold", {"replication"});
  EXPECT_EQ(of_new_write(), "held");
  end("hold");
  sample();
  start("lag", {"replication", "replication"});
  EXPECT_EQ(of_new_write(), "delayed");
}

TEST_F(ConditionsTest, on_any_other_link_the_same_fault_is_another) {
  for (const char* fault : {"hold", "lag"}) {
    const std::vector<std::vector<std::string>> others{{"clients"}, {"service"}, {"replication", "clients"}, {}};
    for (const std::vector<std::string>& carries : others) {
      start(fault, carries);
      EXPECT_EQ(of_new_write(), "other fault") << fault << " on " << carries.size() << " links";
      end(fault);
      sample();
    }
  }
}

TEST_F(ConditionsTest, whatever_else_is_on_has_one_name) {
  start("kill");
  EXPECT_EQ(of_new_write(), "other fault");
  start("hold", {"replication"});
  EXPECT_EQ(of_new_write(), "other fault") << "several at once";
  end("kill");
  EXPECT_EQ(now(), "changing");
  sample();
  EXPECT_EQ(now(), "held");
}

TEST_F(ConditionsTest, a_fault_that_does_nothing_is_none) {
  conditions_.writing("x", clock_.now());
  start("none");
  EXPECT_EQ(conditions_.of_read("x"), "none");
  conditions_.turning("none");
  EXPECT_EQ(conditions_.of_read("x"), "none") << "about to end";
  take("none", "end", nlohmann::json::object());
  EXPECT_EQ(conditions_.of_read("x"), "none") << "nothing wears off";
  start("hold", {"replication"});
  start("none");
  EXPECT_EQ(of_new_write(), "held");
  EXPECT_EQ(conditions_.now().episode, 2U);
}

TEST_F(ConditionsTest, changing_ends_with_the_lag_that_the_last_fault_left) {
  start("hold", {"clients"});
  end("hold");
  EXPECT_EQ(of_new_write(), "changing");
  sample();
  EXPECT_EQ(conditions_.of_read("x"), "changing") << "it was written before";
  EXPECT_EQ(of_new_write(), "none");
}

TEST_F(ConditionsTest, changing_lasts_until_something_newer_than_the_fault_is_seen) {
  const Nanoseconds before = clock_.now();
  start("kill");
  end("kill");
  sample(before);
  EXPECT_EQ(now(), "changing") << "nothing was written that could be missing";
  sample();
  EXPECT_EQ(now(), "none");
}

}  // namespace
}  // namespace afterwrite
