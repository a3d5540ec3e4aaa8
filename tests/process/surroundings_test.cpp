#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include "harness/process/find_program.hpp"
#include "harness/process/free_port.hpp"
#include "harness/process/log_tail.hpp"
#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

TEST(FreePort, CanBeListenedOn) {
  using boost::asio::ip::tcp;
  boost::asio::io_context context;
  // Somebody else may take it first; that is why callers ask again.
  EXPECT_TRUE(eventually([&] {
    try {
      const auto port = free_port();
      const tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), port));
      return port != 0;
    } catch (const boost::system::system_error&) {
      return false;
    }
  }));
}

TEST(FindProgram, LooksInTheFoldersFirstAndThenInPath) {
  const TestFolder folder;
  EXPECT_TRUE(find_program("sh"));
  EXPECT_FALSE(find_program("no-such-program-anywhere"));

  std::ofstream(folder / "sh") << "#!/bin/sh\n";
  EXPECT_NE(find_program("sh", {folder.path()}), folder / "sh") << "it is not executable";
  std::filesystem::permissions(folder / "sh", std::filesystem::perms::owner_all);
  EXPECT_EQ(find_program("sh", {folder / "nowhere", folder.path()}), folder / "sh");

  std::filesystem::create_directory(folder / "folder-not-program");
  EXPECT_FALSE(find_program("folder-not-program", {folder.path()}));
}

TEST(LastLines, OfAText) {
  EXPECT_EQ(last_lines_of("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(last_lines_of("a\nb\nc", 2), "b\nc");
  EXPECT_EQ(last_lines_of("a\nb", 5), "a\nb");
  EXPECT_EQ(last_lines_of("\n\na", 2), "\na");
  EXPECT_EQ(last_lines_of("a\n\nb\n\n\n", 2), "\nb");
  EXPECT_EQ(last_lines_of("\n\n", 2), "");
  EXPECT_EQ(last_lines_of("", 2), "");
  EXPECT_EQ(last_lines_of("a\n", 0), "");
}

TEST(LastLines, OfAFileHoweverLong) {
  const TestFolder folder;
  EXPECT_EQ(last_lines(folder / "missing", 3), "");
  {
    std::ofstream log(folder / "log");
    for (int i = 0; i < 50'000; ++i)
      log << "line " << i << '\n';
  }
  EXPECT_EQ(last_lines(folder / "log", 2), "line 49998\nline 49999");
}

}  // namespace
}  // namespace afterwrite
