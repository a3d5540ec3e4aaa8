#include "adapters/postgres/scalars.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace afterwrite::postgres {
namespace {

const std::vector<Scalar>& scalars() {
  static const std::vector<Scalar> all{Scalar{std::string()},
                                       Scalar{std::string("s0-1")},
                                       Scalar{std::string("7")},
                                       Scalar{std::int64_t{7}},
                                       Scalar{std::string("i7")},
                                       Scalar{std::string("it's \"quoted\" \\ {a,b} NULL")},
                                       Scalar{std::string("\n\t ")},
                                       Scalar{std::string("Grüße, 世界 🐘")},
                                       Scalar{std::int64_t{-1}},
                                       Scalar{std::numeric_limits<std::int64_t>::min()},
                                       Scalar{std::numeric_limits<std::int64_t>::max()}};
  return all;
}

TEST(Scalars, ComeBackAsWhatTheyWere) {
  nlohmann::json texts = nlohmann::json::array();
  for (const Scalar& scalar : scalars()) {
    const auto text = encode(scalar);
    ASSERT_TRUE(text);
    EXPECT_EQ(decode(*text), scalar);
    texts.push_back(*text);
  }
  EXPECT_EQ(decode_list(texts.dump()), scalars());
}

TEST(Scalars, AZeroByteCannotBeStored) {
  EXPECT_FALSE(encode(Scalar{std::string("a\0b", 3)}));
}

TEST(Scalars, ForeignTextIsNotTakenForAValue) {
  for (const char* text : {"", "x1", "i", "i1x", "i99999999999999999999"})
    EXPECT_FALSE(decode(text)) << text;
  for (const char* text : {"", "{}", "[1]", "[null]", "[\"x\"]", "[\"s1\""})
    EXPECT_FALSE(decode_list(text)) << text;
  EXPECT_EQ(decode_list("[]"), List{});
}

}  // namespace
}  // namespace afterwrite::postgres
