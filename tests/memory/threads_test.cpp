// Many sessions at once, with faults: what the system promises without a planted bug, and a load for ThreadSanitizer.

#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "tests/memory/driver.hpp"

namespace afterwrite::memory {
namespace {

constexpr int writes_of_each = 3000;
constexpr std::size_t keys = 3;

/// The newest version of each key that was acknowledged to its one writer.
using Acknowledged = std::array<std::atomic<std::int64_t>, keys>;

std::string key_of(std::size_t i) {
  return "k" + std::to_string(i);
}

void write_many(Deployment& system, std::size_t own, Acknowledged& acknowledged) {
  const auto client = system.open_client("writer-" + std::to_string(own));
  for (int i = 0; i < writes_of_each; ++i) {
    const Reply reply = client->call({.function = Function::write,
                                      .key = key_of(own),
                                      .value = std::to_string(own) + "-" + std::to_string(i),
                                      .node = "node-0",
                                      .deadline = far_off()});
    ASSERT_EQ(reply.outcome, Outcome::ok) << reply.error;
    ASSERT_EQ(reply.version->version, i + 1);
    acknowledged[own] = i + 1;
  }
}

/// At the leader nothing acknowledged is ever missing; at no node does a key go back.
void read_until(Deployment& system, const std::string& node, const Acknowledged& acknowledged,
                const std::atomic<bool>& over) {
  const auto client = system.open_client("reader-" + node);
  std::array<std::int64_t, keys> seen{};
  for (std::size_t i = 0; !over; i = (i + 1) % keys) {
    const std::int64_t least = acknowledged[i];
    const Reply reply =
        client->call({.function = Function::read, .key = key_of(i), .value = {}, .node = node, .deadline = far_off()});
    if (reply.outcome != Outcome::ok) continue;  // it was killed
    const std::int64_t version = reply.version ? reply.version->version : 0;
    ASSERT_GE(version, seen[i]) << node;
    seen[i] = version;
    if (node == "node-0") {
      ASSERT_GE(version, least);
    }
    // What a position says is there is there.
    if (node == "node-0" && client->await("node-2", reply.position, Clock::now() + 1ms) == Applied::reached) {
      const Reply follower = client->call(
          {.function = Function::read, .key = key_of(i), .value = {}, .node = "node-2", .deadline = far_off()});
      if (follower.outcome == Outcome::ok) {
        ASSERT_GE(follower.version.value_or(RecordedVersion{}).version, version);
      }
    }
  }
}

void disturb_until(Deployment& system, const std::atomic<bool>& over) {
  while (!over) {
    system.pause_replay("node-1");
    system.kill("node-2");
    std::this_thread::yield();
    system.restart("node-2");
    system.resume_replay("node-1");
    EXPECT_EQ(system.topology().leader(), "node-0");
  }
}

TEST(MemoryThreads, PromisesHoldUnderLoadAndFaults) {
  Driver driver({1ms, 2ms}, {{"latency", "0"}});
  Acknowledged acknowledged{};
  std::atomic<bool> over = false;
  std::vector<std::thread> writers;
  std::vector<std::thread> others;
  for (std::size_t i = 0; i < keys; ++i) {
    writers.emplace_back([&, i] { write_many(driver.system(), i, acknowledged); });
  }
  for (const char* node : {"node-0", "node-1", "node-2"}) {
    others.emplace_back([&, node] { read_until(driver.system(), node, acknowledged, over); });
  }
  others.emplace_back([&] { disturb_until(driver.system(), over); });
  others.emplace_back([&] {
    const auto beat = driver.system().open_beat();
    for (std::int64_t number = 1; !over; ++number) {
      EXPECT_TRUE(beat->write(number, far_off()));
      EXPECT_EQ(beat->visible("node-0", far_off()), number);
      EXPECT_LE(beat->visible("node-1", far_off()).value_or(0), number);
    }
  });
  for (std::thread& writer : writers)
    writer.join();
  over = true;
  for (std::thread& other : others)
    other.join();

  for (std::size_t i = 0; i < keys; ++i) {
    const Reply last = driver.read("node-0", key_of(i));
    EXPECT_EQ(driver.await("node-1", last.position), Applied::reached);
    EXPECT_EQ(driver.shown("node-1", key_of(i)), std::to_string(i) + "-" + std::to_string(writes_of_each - 1));
  }
}

TEST(MemoryThreads, AFailoverUnderLoadLosesOnlyTheTail) {
  Driver driver({0ms, 1ms});
  std::atomic<bool> over = false;
  std::vector<std::thread> sessions;
  for (std::size_t i = 0; i < keys; ++i) {
    sessions.emplace_back([&, i] {
      const auto client = driver.system().open_client("s" + std::to_string(i));
      for (int n = 0; !over; ++n) {
        client->call({.function = Function::write,
                      .key = key_of(i),
                      .value = std::to_string(n),
                      .node = driver.system().topology().leader(),
                      .deadline = far_off()});
      }
    });
  }
  const Deadline deadline = far_off();
  while (driver.shown("node-0", key_of(0)) == "nothing" && Clock::now() < deadline)
    std::this_thread::yield();
  driver.system().kill("node-0");
  EXPECT_EQ(driver.system().promote()["accepted_write"], true);
  // The run goes on at the new leader.
  const auto epoch_of_newest = [&] {
    return driver.read("node-1", key_of(0)).version.value_or(RecordedVersion{}).epoch;
  };
  while (epoch_of_newest() < 2 && Clock::now() < deadline)
    std::this_thread::yield();
  over = true;
  for (std::thread& session : sessions)
    session.join();
  EXPECT_EQ(epoch_of_newest(), 2);
  for (std::size_t i = 0; i < keys; ++i) {
    const Reply last = driver.read("node-1", key_of(i));
    EXPECT_EQ(driver.await("node-2", last.position), Applied::reached);
    EXPECT_EQ(driver.shown("node-2", key_of(i)), display(last.value));
  }
}

}  // namespace
}  // namespace afterwrite::memory
