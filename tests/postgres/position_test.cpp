#include "adapters/postgres/position.hpp"

#include <gtest/gtest.h>

namespace afterwrite::postgres {
namespace {

TEST(Position, IsWrittenAndReadBack) {
  EXPECT_EQ(to_string(Position{1, 0x3000148}), "1/0/3000148");
  EXPECT_EQ(to_string(Position{12, 0xA'0000'00FFULL}), "12/A/FF");
  for (const Position position :
       {Position{1, 0}, Position{7, 0xFFFF'FFFF'FFFF'FFFFULL}, Position{2, 0x1'0000'0000ULL}}) {
    EXPECT_EQ(parse_position(to_string(position)), position);
  }
}

TEST(Position, RefusesOtherText) {
  for (const char* text :
       {"", "1", "1/0", "0/3000148/", "x/0/1", "1/0/G", "1/0/1 ", "-1/0/1", "1/100000000/0", "1/0/1/2"}) {
    EXPECT_FALSE(parse_position(text)) << text;
  }
  EXPECT_FALSE(parse_lsn("3000148"));
}

TEST(Position, ALaterTimelineIsLaterWhateverTheLsn) {
  EXPECT_EQ(at_least("2/0/1", "1/0/3000148"), true);
  EXPECT_EQ(at_least("1/0/3000148", "2/0/1"), false);
  EXPECT_EQ(at_least("1/1/0", "1/0/FFFFFFFF"), true);
  EXPECT_EQ(at_least("1/0/10", "1/0/10"), true);
  EXPECT_EQ(at_least("1/0/9", "1/0/10"), false);
  EXPECT_EQ(at_least("", "1/0/10"), std::nullopt);
}

TEST(EndOfLastRecord, GoesBackOverAPageHeaderOnly) {
  const WalGeometry geometry;
  constexpr std::uint64_t page = 8192;
  constexpr std::uint64_t segment = 16 * 1024 * 1024;
  EXPECT_EQ(end_of_last_record(3 * segment + page + 24, geometry), 3 * segment + page);
  EXPECT_EQ(end_of_last_record(3 * segment + 40, geometry), 3 * segment);
  // Ordinary places, among them those that look like a header's end on the wrong kind of page.
  for (const std::uint64_t lsn : {3 * segment + page + 40, 3 * segment + 24, 3 * segment + page + 32,
                                  3 * segment + page, 3 * segment + 5 * page + 8168}) {
    EXPECT_EQ(end_of_last_record(lsn, geometry), lsn);
  }
}

TEST(EndOfLastRecord, FollowsTheServersGeometry) {
  const WalGeometry geometry{.segment = 1024 * 1024, .page = 8192};
  EXPECT_EQ(end_of_last_record(5 * geometry.segment + 40, geometry), 5 * geometry.segment);
  EXPECT_EQ(end_of_last_record(5 * geometry.segment + 40, WalGeometry{}), 5 * geometry.segment + 40);
}

}  // namespace
}  // namespace afterwrite::postgres
