#include "harness/session/link.hpp"

#include <gtest/gtest.h>

namespace afterwrite {
namespace {

TEST(LinkName, IsWrittenWithAnArrow) {
  const LinkName name{"app", "replica-1"};
  EXPECT_EQ(to_string(name), "app->replica-1");
  EXPECT_EQ(parse_link_name("app->replica-1"), name);
  for (const char* other : {"", "app", "app->", "->replica", "->", "a->b->c", "app-replica"})
    EXPECT_FALSE(parse_link_name(other)) << other;
}

}  // namespace
}  // namespace afterwrite
