#include "harness/http/url.hpp"

#include <gtest/gtest.h>

namespace afterwrite::http {
namespace {

TEST(Url, OriginsAreSchemeHostAndPort) {
  EXPECT_EQ(origin_of("https://h/x"), (Origin{"https", "h", 443}));
  EXPECT_EQ(origin_of("http://h:8080"), (Origin{"http", "h", 8080}));
  EXPECT_EQ(origin_of("http://[::1]:80/"), (Origin{"http", "::1", 80}));
  for (const char* none : {"ftp://h/", "h/x", "/x", "", "http://", "http://h:99999/"})
    EXPECT_EQ(origin_of(none), std::nullopt) << none;
}

TEST(Url, CredentialsAreSeen) {
  EXPECT_TRUE(has_credentials("http://me:secret@h/"));
  EXPECT_TRUE(has_credentials("http://me@h/"));
  EXPECT_FALSE(has_credentials("http://h/me:secret@"));
}

TEST(Url, LocationsAreResolved) {
  EXPECT_EQ(resolved_url("http://h/a/b?c", "/d"), "http://h/d");
  EXPECT_EQ(resolved_url("http://h/a/b", "d?e"), "http://h/a/d?e");
  EXPECT_EQ(resolved_url("http://h/a", "//other/d"), "http://other/d");
  EXPECT_EQ(resolved_url("http://h/a", "https://other:1/d"), "https://other:1/d");
  EXPECT_EQ(resolved_url("http://h/a", "ftp://other/d"), std::nullopt);
  EXPECT_EQ(resolved_url("http://h/a", "file:///etc/passwd"), std::nullopt);
}

}  // namespace
}  // namespace afterwrite::http
