#include "adapters/memory/log.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace afterwrite::memory {
namespace {

Entry entry(const std::string& key) {
  return Entry{.key = key, .epoch = 1, .committed = {}, .before = {}, .after = {}};
}

TEST(MemoryLog, NumbersFromOne) {
  Log log;
  EXPECT_EQ(log.end(), 0);
  log.append(entry("a"));
  log.append(entry("b"));
  EXPECT_EQ(log.end(), 2);
  EXPECT_EQ(log.at(1).key, "a");
  EXPECT_EQ(log.at(2).key, "b");
  EXPECT_THROW(log.at(3), std::out_of_range);
  EXPECT_THROW(log.at(0), std::out_of_range);
}

TEST(MemoryLog, KeepsItsNumbersWhenShortened) {
  Log log;
  for (const char* key : {"a", "b", "c", "d"})
    log.append(entry(key));
  log.forget(2);
  EXPECT_EQ(log.forgotten(), 2);
  EXPECT_EQ(log.end(), 4);
  EXPECT_EQ(log.at(3).key, "c");
  log.truncate(3);
  EXPECT_EQ(log.end(), 3);
  log.append(entry("e"));
  EXPECT_EQ(log.at(4).key, "e");
  log.forget(100);
  EXPECT_EQ(log.forgotten(), 4);
  EXPECT_EQ(log.end(), 4);
}

TEST(MemoryPosition, ReadsWhatItWrites) {
  for (const Position position : {Position{1, 0}, Position{7, 42}, Position{2, std::numeric_limits<Index>::max()}}) {
    EXPECT_EQ(parse_position(to_string(position)), position);
  }
  EXPECT_EQ(to_string(Position{2, 17}), "2/17");
}

TEST(MemoryPosition, RefusesEverythingElse) {
  for (const char* text : {"", "/", "1", "1/", "/1", "a/1", "1/b", "1/2/3", " 1/2", "1/2 ", "-1/2", "1/-2",
                           "99999999999999999999/1", "1/99999999999999999999"}) {
    EXPECT_FALSE(parse_position(text)) << text;
  }
}

TEST(MemoryPosition, ALaterEpochIsLater) {
  EXPECT_LT((Position{1, 100}), (Position{2, 1}));
  EXPECT_LT((Position{2, 1}), (Position{2, 2}));
}

}  // namespace
}  // namespace afterwrite::memory
