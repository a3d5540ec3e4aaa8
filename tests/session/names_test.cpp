#include "harness/session/names.hpp"

#include <gtest/gtest.h>

namespace afterwrite {
namespace {

const std::vector<std::string> policies{"leader", "any-replica", "sticky-replica"};

TEST(KnownNamesHint, SuggestsTheNearest) {
  EXPECT_EQ(known_names_hint("any-replca", policies),
            " (did you mean 'any-replica'? known: leader, any-replica, sticky-replica)");
  EXPECT_EQ(known_names_hint("laeder", policies),
            " (did you mean 'leader'? known: leader, any-replica, sticky-replica)");
}

TEST(KnownNamesHint, SuggestsNothingFarOff) {
  EXPECT_EQ(known_names_hint("quorum", policies), " (known: leader, any-replica, sticky-replica)");
  EXPECT_EQ(known_names_hint("", policies), " (known: leader, any-replica, sticky-replica)");
}

TEST(KnownNamesHint, ASwapOfNeighboursIsOneEdit) {
  EXPECT_EQ(known_names_hint("lga", {"lag"}), " (did you mean 'lag'? known: lag)");
}

TEST(KnownNamesHint, AThirdOfTheLengthIsStillNear) {
  EXPECT_EQ(known_names_hint("abx", {"abc"}), " (did you mean 'abc'? known: abc)");
  EXPECT_EQ(known_names_hint("axx", {"abc"}), " (known: abc)");
}

TEST(KnownNamesHint, NothingKnownSaysNothing) {
  EXPECT_EQ(known_names_hint("x", {}), "");
}

}  // namespace
}  // namespace afterwrite
