#include "workloads/parts.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <map>

#include "workloads/keys.hpp"
#include "workloads/pace.hpp"

namespace afterwrite::workloads {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(Parts, TheShareOfObserversIsRounded) {
  EXPECT_EQ(writers_of(8, 0.5), 4);
  EXPECT_EQ(writers_of(8, 0.25), 6);
  EXPECT_EQ(writers_of(8, 0), 8);
  EXPECT_EQ(writers_of(3, 0.1), 3);
  EXPECT_EQ(writers_of(0, 0.5), 0);
}

TEST(Parts, SomebodyAlwaysWrites) {
  EXPECT_EQ(writers_of(1, 0.5), 1);
  EXPECT_EQ(writers_of(1, 0.99), 1);
  EXPECT_EQ(writers_of(4, 0.99), 1);
  EXPECT_EQ(writers_of(2, 0.5), 1);
}

TEST(Parts, EachKeyHasOneWriter) {
  for (std::size_t keys = 1; keys < 20; ++keys) {
    for (std::size_t writers = 1; writers <= keys; ++writers) {
      std::map<std::size_t, int> owners;
      for (std::size_t ordinal = 0; ordinal < writers; ++ordinal) {
        EXPECT_FALSE(keys_of(ordinal, writers, keys).empty());
        for (const std::size_t key : keys_of(ordinal, writers, keys))
          ++owners[key];
      }
      EXPECT_EQ(owners.size(), keys);
      for (const auto& [key, count] : owners)
        EXPECT_EQ(count, 1) << key;
    }
  }
  EXPECT_THAT(keys_of(1, 4, 10), ElementsAre(1, 5, 9));
}

TEST(Parts, MoreWritersThanKeysShare) {
  EXPECT_THAT(keys_of(0, 5, 2), ElementsAre(0));
  EXPECT_THAT(keys_of(1, 5, 2), ElementsAre(1));
  EXPECT_THAT(keys_of(2, 5, 2), ElementsAre(0));
  EXPECT_THAT(keys_of(4, 5, 2), ElementsAre(0));
}

TEST(ListKeys, GoOnUnderANewName) {
  ListKeys keys(2);
  EXPECT_EQ(keys.name(0), "k1");
  for (std::uint64_t i = 1; i < ListKeys::longest_list; ++i)
    keys.count_append(0);
  EXPECT_EQ(keys.name(0), "k1");
  keys.count_append(0);
  EXPECT_EQ(keys.name(0), "k1.2");
  EXPECT_EQ(keys.name(1), "k2");
  for (std::uint64_t i = 0; i < ListKeys::longest_list; ++i)
    keys.count_append(0);
  EXPECT_EQ(keys.name(0), "k1.3");
}

TEST(ReadDelay, IsLogUniform) {
  Random random(3);
  const ReadDelay delay({1ms, 1s});
  std::array<int, 3> decades{};
  for (int i = 0; i < 3000; ++i) {
    const Duration drawn = delay.draw(random);
    ASSERT_GE(drawn, 1ms);
    ASSERT_LE(drawn, 1s);
    const double decade = std::log10(static_cast<double>(drawn.count()) / 1e6);
    ++decades.at(static_cast<std::size_t>(std::min(decade, 2.9)));
  }
  for (const int count : decades)
    EXPECT_NEAR(count, 1000, 100);
}

TEST(ReadDelay, Edges) {
  Random random(3);
  EXPECT_TRUE(ReadDelay({0ms, 0ms}).none());
  EXPECT_EQ(ReadDelay({0ms, 0ms}).draw(random), 0ms);
  EXPECT_FALSE(ReadDelay({5ms, 5ms}).none());
  EXPECT_EQ(ReadDelay({5ms, 5ms}).draw(random), 5ms);
  EXPECT_EQ(ReadDelay({0ms, 50us}).draw(random), 50us);
  for (int i = 0; i < 1000; ++i) {
    const Duration drawn = ReadDelay({0ms, 2s}).draw(random);
    EXPECT_GE(drawn, 100us);
    EXPECT_LE(drawn, 2s);
  }
}

TEST(ReadDelay, SeveralAscend) {
  Random random(3);
  const auto drawn = ReadDelay({1ms, 2s}).draw_ascending(random, 3);
  ASSERT_EQ(drawn.size(), 3);
  EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
}

}  // namespace
}  // namespace afterwrite::workloads
