#include "workloads/fresh_keys.hpp"

#include <gtest/gtest.h>
#include <map>
#include <thread>
#include <vector>

namespace afterwrite::workloads {
namespace {

constexpr Nanoseconds second = 1'000'000'000;

std::map<std::string, int> picked(const FreshKeys& fresh) {
  Random random(5);
  std::map<std::string, int> counts;
  for (int i = 0; i < 2000; ++i)
    ++counts[fresh.pick(random).value_or("nothing")];
  return counts;
}

TEST(FreshKeys, NothingWasPosted) {
  FreshKeys fresh;
  EXPECT_EQ(picked(fresh), (std::map<std::string, int>{{"nothing", 2000}}));
}

TEST(FreshKeys, NewerKeysArePreferredButNotAlone) {
  FreshKeys fresh;
  for (int i = 0; i < 20; ++i)
    fresh.post("k" + std::to_string(i), i * second / 10);
  const auto counts = picked(fresh);
  EXPECT_GT(counts.at("k19"), 200);
  EXPECT_GT(counts.at("k19"), counts.at("k14"));
  EXPECT_GT(counts.at("k14"), counts.at("k8"));
  EXPECT_GT(counts.size(), 10);
}

TEST(FreshKeys, WhatWasWrittenLongAgoIsNotFresh) {
  FreshKeys fresh;
  for (int i = 0; i < 50; ++i)
    fresh.post("old", i);
  fresh.post("new", 60 * second);
  EXPECT_EQ(picked(fresh), (std::map<std::string, int>{{"new", 2000}}));
}

TEST(FreshKeys, TheLastPostStaysHoweverOld) {
  FreshKeys fresh;
  fresh.post("only", second);
  EXPECT_EQ(picked(fresh), (std::map<std::string, int>{{"only", 2000}}));
}

TEST(FreshKeys, KeepsABoundedNumberOfPosts) {
  FreshKeys fresh;
  fresh.post("first", 0);
  for (std::size_t i = 0; i < FreshKeys::kept_posts; ++i)
    fresh.post("later", 1);
  EXPECT_EQ(picked(fresh), (std::map<std::string, int>{{"later", 2000}}));
}

TEST(FreshKeys, SessionsPostAndPickAtOnce) {
  FreshKeys fresh;
  fresh.post("k0", 0);
  std::vector<std::thread> sessions;
  for (int session = 0; session < 4; ++session) {
    sessions.emplace_back([&, session] {
      Random random(static_cast<std::uint64_t>(session));
      for (int i = 0; i < 2000; ++i) {
        fresh.post("k" + std::to_string(session), i);
        EXPECT_EQ(fresh.pick(random).value().size(), 2);
      }
    });
  }
  for (std::thread& session : sessions)
    session.join();
}

}  // namespace
}  // namespace afterwrite::workloads
