#include "harness/run/run_control.hpp"

#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace afterwrite {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;

TEST(RunControl, the_gate_opens_for_all_or_for_nobody) {
  RunControl open(2, std::nullopt, std::nullopt);
  std::atomic<int> in{0};
  {
    std::jthread a([&] { in += open.await_start() ? 1 : 0; });
    std::jthread b([&] { in += open.await_start() ? 1 : 0; });
    open.start();
  }
  EXPECT_EQ(in, 2);
  RunControl given_up(1, std::nullopt, std::nullopt);
  given_up.abort(RunEnd::interrupted, "stopped by the user");
  EXPECT_FALSE(given_up.await_start());
  given_up.start();
  EXPECT_TRUE(given_up.in(Stage::over)) << "what is over does not begin again";
}

TEST(RunControl, the_first_reason_stays_and_what_comes_later_is_a_note) {
  RunControl control(1, std::nullopt, std::nullopt);
  control.start();
  control.end_load(RunEnd::duration, "its time was over");
  control.end_load(RunEnd::enough, "enough was seen");
  control.abort(RunEnd::interrupted, "stopped by the user");
  control.abort(RunEnd::lost_system, "lost");
  EXPECT_EQ(control.ended(), RunEnd::duration);
  EXPECT_EQ(control.why(), "its time was over");
  control.note("twice");
  control.note("twice");
  EXPECT_THAT(control.notes(), ElementsAre("stopped by the user", "twice"));
}

TEST(RunControl, the_last_session_that_counts_ends_the_load) {
  RunControl control(2, std::nullopt, std::nullopt);
  control.start();
  control.arrive(true);
  control.arrive(false);
  EXPECT_TRUE(control.in(Stage::loading));
  control.arrive(true);
  EXPECT_EQ(control.ended(), RunEnd::workload_done);
  EXPECT_TRUE(control.wait_arrived(3, Duration{0}));
}

TEST(RunControl, exactly_as_many_operations_are_handed_out_as_were_asked_for) {
  RunControl control(4, 1000, std::nullopt);
  control.start();
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> sessions;
    for (int i = 0; i < 4; ++i) {
      sessions.emplace_back([&] {
        while (control.take_ticket()) {
          ++taken;
          control.return_ticket();
        }
      });
    }
  }
  EXPECT_EQ(taken, 1000);
  EXPECT_EQ(control.ended(), RunEnd::operations);
}

TEST(RunControl, every_wait_ends_with_the_run) {
  RunControl control(1, std::nullopt, 1e-6);  // one operation in eleven days
  control.start();
  EXPECT_TRUE(control.pace());
  std::atomic<int> ended{0};
  {
    std::jthread paced([&] { ended += control.pace() ? 0 : 1; });
    std::jthread waiting([&] { ended += control.wait_until(Stage::loading, Clock::now() + hours(1)) ? 0 : 1; });
    std::jthread checking([&] { ended += control.await_check() ? 0 : 1; });
    control.abort(RunEnd::interrupted, "stopped by the user");
  }
  EXPECT_EQ(ended, 3);
}

TEST(RunControl, the_rate_is_shared_and_never_exceeded) {
  constexpr int operations = 40;
  RunControl control(4, std::nullopt, 1000.0);
  control.start();
  const Clock::time_point begin = Clock::now();
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> sessions;
    for (int i = 0; i < 4; ++i) {
      sessions.emplace_back([&] {
        for (int n = 0; n < operations / 4; ++n)
          done += control.pace() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(done, operations);
  EXPECT_GE(Clock::now() - begin, milliseconds(operations - 1));
}

}  // namespace
}  // namespace afterwrite
