#include "harness/run/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <thread>

#include "harness/history/reader.hpp"
#include "harness/session/errors.hpp"
#include "tests/run/fake_system.hpp"
#include "tests/run/temporary_folder.hpp"

namespace afterwrite {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Operation some_operation(const std::string& session, std::int64_t number, Nanoseconds invoke) {
  Operation operation;
  operation.session = session;
  operation.function = Function::write;
  operation.key = "k1";
  operation.value = number;
  operation.outcome = Outcome::ok;
  operation.invoke = invoke;
  return operation;
}

class RecorderTest : public testing::Test {
 protected:
  fake::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "history.jsonl";
  RunClock clock_;
};

TEST_F(RecorderTest, nothing_is_lost_and_the_order_is_that_of_completion_under_16_threads) {
  constexpr int threads = 16;
  constexpr int each = 1500;
  Recorder recorder(file_, Header{}, clock_);
  std::vector<std::vector<Nanoseconds>> stamps(threads);
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        const std::string session = "s" + std::to_string(t);
        for (int i = 0; i < each; ++i) {
          stamps[static_cast<std::size_t>(t)].push_back(recorder.complete(some_operation(session, i, clock_.now())));
        }
      });
    }
  }
  recorder.finish();
  EXPECT_EQ(recorder.operations(), threads * each);
  EXPECT_EQ(recorder.written(), threads * each);

  const History history = read_history(file_);
  EXPECT_FALSE(history.truncated);
  ASSERT_EQ(history.operations.size(), threads * each);
  std::map<std::string, std::size_t> seen;
  Nanoseconds latest_invoke_so_far = 0;
  for (const Operation& operation : history.operations) {
    const auto t = static_cast<std::size_t>(std::stoi(operation.session.substr(1)));
    const std::size_t i = seen[operation.session]++;
    EXPECT_EQ(operation.value, Value{static_cast<std::int64_t>(i)});
    EXPECT_EQ(operation.complete, stamps[t].at(i));
    // Whoever came back before an earlier line was invoked would stand in the wrong place.
    EXPECT_GE(operation.complete, latest_invoke_so_far);
    latest_invoke_so_far = std::max(latest_invoke_so_far, operation.invoke);
  }
}

TEST_F(RecorderTest, the_listener_hears_everything_in_the_order_of_the_file_once_it_is_written) {
  std::vector<std::string> heard;
  const std::thread::id mine = std::this_thread::get_id();
  Recorder* writer = nullptr;
  RecordListener listener;
  listener.operation = [&](const Operation& operation) {
    EXPECT_NE(std::this_thread::get_id(), mine);
    EXPECT_GT(writer->written(), 0U);
    heard.push_back(std::get<std::string>(operation.value));
  };
  listener.fault = [&](const FaultEvent& event) { heard.push_back(event.fault); };
  listener.lag = [&](const LagSample& sample) { heard.push_back(sample.node); };
  Recorder recorder(file_, Header{}, clock_, listener);
  writer = &recorder;
  Operation first = some_operation("s0", 0, 0);
  first.value = "s0-1";
  recorder.complete(std::move(first));
  recorder.fault(
      {.line = 0, .time = 5, .fault = "lag", .phase = "start", .episode = "lag-1", .targets = {}, .detail = {}});
  recorder.lag({.line = 0, .time = 6, .node = "node-1", .reachable = true, .lag_ms = 1, .beat_acknowledged = 2});
  recorder.finish({{"ended", "duration"}});
  EXPECT_THAT(heard, testing::ElementsAre("s0-1", "lag", "node-1"));

  const History history = read_history(file_);
  ASSERT_EQ(history.faults.size(), 1U);
  EXPECT_EQ(history.faults[0].episode, "lag-1");
  ASSERT_EQ(history.lags.size(), 1U);
  EXPECT_EQ(history.lags[0].beat_acknowledged, 2);
  EXPECT_EQ(history.footer.at("ended"), "duration");
}

TEST_F(RecorderTest, what_was_recorded_can_be_read_while_the_run_goes_on) {
  Recorder recorder(file_, Header{}, clock_);
  recorder.complete(some_operation("s0", 1, 0));
  const Deadline deadline = Clock::now() + std::chrono::minutes(1);
  while (recorder.written() == 0 && Clock::now() < deadline)
    std::this_thread::yield();
  const History history = read_history(file_);
  EXPECT_TRUE(history.truncated);
  EXPECT_EQ(history.operations.size(), 1U);
}

TEST_F(RecorderTest, without_finish_the_file_is_truncated_but_has_everything) {
  {
    Recorder recorder(file_, Header{}, clock_);
    for (int i = 0; i < 5000; ++i)
      recorder.complete(some_operation("s0", i, 0));
  }
  const History history = read_history(file_);
  EXPECT_TRUE(history.truncated);
  EXPECT_EQ(history.operations.size(), 5000U);
}

TEST_F(RecorderTest, a_file_that_cannot_be_written_at_all_is_an_environment_that_failed) {
  const auto complaint_about = [&](const std::filesystem::path& file) -> std::string {
    try {
      const Recorder recorder(file, Header{}, clock_);
    } catch (const EnvironmentError& error) {
      return error.what();
    }
    return "(none)";
  };
  EXPECT_THAT(complaint_about("/dev/full"),
              AllOf(HasSubstr("/dev/full"), HasSubstr("No space left"), HasSubstr("--out")));
  EXPECT_THAT(complaint_about(folder_ / "none/history.jsonl"), HasSubstr("No such file or directory"));
}

TEST_F(RecorderTest, a_disk_that_refuses_in_mid_run_is_said_once_and_leaves_a_readable_history) {
  std::atomic<int> failures{0};
  std::atomic<std::uint64_t> heard{0};
  fake::Signal failed;
  RecordListener listener;
  listener.operation = [&](const Operation&) { ++heard; };
  Recorder recorder(file_, Header{}, clock_, listener, [&](const std::string& why) {
    EXPECT_THAT(why, AllOf(HasSubstr(file_.string()), HasSubstr("File too large")));
    ++failures;
    failed.raise();
  });
  constexpr int count = 20'000;
  {
    const fake::FullDisk full(200'000);
    for (int i = 0; i < count; ++i)
      recorder.complete(some_operation("s0", i, 0));
    ASSERT_TRUE(failed.wait());
    recorder.complete(some_operation("s0", count, 0));
    recorder.finish();
  }
  EXPECT_EQ(failures, 1);
  ASSERT_TRUE(recorder.error());
  EXPECT_THAT(*recorder.error(), HasSubstr("File too large"));
  EXPECT_EQ(recorder.operations(), count + 1U);
  EXPECT_LT(recorder.written(), recorder.operations());
  EXPECT_EQ(heard, recorder.written());

  const History history = read_history(file_);
  EXPECT_TRUE(history.truncated);
  EXPECT_EQ(history.operations.size(), recorder.written());
  EXPECT_TRUE(history.notes.empty()) << "the last line is whole";
}

TEST_F(RecorderTest, a_listener_that_throws_is_left_alone_and_the_recording_goes_on) {
  int calls = 0;
  RecordListener listener;
  listener.operation = [&](const Operation&) {
    ++calls;
    throw std::runtime_error("the judge fell asleep");
  };
  Recorder recorder(file_, Header{}, clock_, listener);
  for (int i = 0; i < 10; ++i)
    recorder.complete(some_operation("s0", i, 0));
  recorder.finish();
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(recorder.problems(), testing::ElementsAre(HasSubstr("the judge fell asleep")));
  EXPECT_EQ(read_history(file_).operations.size(), 10U);
}

TEST_F(RecorderTest, who_outruns_the_writer_waits_for_room) {
  fake::Signal go_on;
  std::atomic<bool> slow{false};
  RecordListener listener;
  listener.operation = [&](const Operation&) {
    slow = true;
    go_on.wait();
  };
  constexpr std::size_t most_waiting = 50;
  Recorder recorder(file_, Header{}, clock_, listener, {}, most_waiting);
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i)
      recorder.complete(some_operation("s0", i, 0));
  });
  const Deadline deadline = Clock::now() + std::chrono::minutes(1);
  while (recorder.operations() < most_waiting && Clock::now() < deadline)
    std::this_thread::yield();
  // One batch is with the listener, one waits; there is no third.
  EXPECT_LE(recorder.operations(), 2 * most_waiting);
  go_on.raise();
  producer.join();
  recorder.finish();
  EXPECT_TRUE(slow);
  EXPECT_EQ(read_history(file_).operations.size(), 1000U);
}

}  // namespace
}  // namespace afterwrite
