// The real thing: needs what scripts/install-atproto installs, and says so if that is missing.
#include "adapters/atproto/stack.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "harness/session/errors.hpp"
#include "tests/atproto/account.hpp"
#include "tests/process/support.hpp"

namespace afterwrite::atproto {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// All that the stack started, as far as it runs.
std::vector<pid_t> processes_of_the_stack() {
  std::vector<pid_t> pids;
  for (const ProcessHandle& process : descendants(*open_process(::getpid())))
    pids.push_back(process.pid);
  return pids;
}

/// The local addresses, as /proc writes them, at which these processes listen.
std::set<std::string> listened_at(const std::vector<pid_t>& pids) {
  std::set<std::string> sockets;
  for (const pid_t pid : pids) {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
      const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
      if (target.starts_with("socket:[")) sockets.insert(target.substr(8, target.size() - 9));
    }
  }
  std::set<std::string> addresses;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::istringstream lines(contents(table));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
      const bool listens = fields.size() > 9 && fields[3] == "0A";
      if (listens && sockets.contains(fields[9])) addresses.insert(fields[1].substr(0, fields[1].find(':')));
    }
  }
  return addresses;
}

/// Private folders land in a folder of the test's, so that it sees what is left of them.
class StackTest : public testing::Test {
 protected:
  StackTest() { std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711)); }

  std::vector<std::string> left_behind() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename());
    return names;
  }

  TestFolder folder_;
  TemporaryFilesIn here_{folder_.path()};
  FaultProxy proxy_;
  Stack stack_{StackOptions{}, proxy_};
};

TEST_F(StackTest, APostReachesTheAppViewAndNothingIsLeftBehind) {
  stack_.start();
  Account ann(stack_, "ann");
  ann.post("hello");
  EXPECT_TRUE(eventually([&] { return ann.appview_has("hello"); }));
  EXPECT_THAT(ann.seen_through_pds(), ElementsAre("hello"));
  EXPECT_TRUE(stack_.versions().contains("@atproto/pds"));
  EXPECT_TRUE(stack_.versions().contains("@atproto/bsky"));
  EXPECT_GT(proxy_.link(Stack::firehose()).statistics().to_dialler.forwarded, 0U);
  std::string why;
  EXPECT_TRUE(stack_.healthy(why)) << why;
  const auto children = processes_of_the_stack();
  EXPECT_GE(children.size(), 3U);
  EXPECT_THAT(listened_at(children), ElementsAre("0100007F")) << "only 127.0.0.1";
  stack_.stop();
  for (const pid_t child : children)
    EXPECT_TRUE(gone(child)) << child;
  EXPECT_THAT(left_behind(), IsEmpty());
  EXPECT_THAT(proxy_.links(), IsEmpty());
}

TEST_F(StackTest, AHoldOfTheFirehoseKeepsAPostBackAndItsReleaseLetsItThrough) {
  stack_.start();
  Account ann(stack_, "ann");
  ann.post("before");
  ASSERT_TRUE(eventually([&] { return ann.appview_has("before"); }));
  const FaultLink firehose = proxy_.link(Stack::firehose());
  firehose.hold(Direction::to_dialler);
  ann.post("held");
  ASSERT_TRUE(eventually([&] { return firehose.statistics().to_dialler.detained_frames > 0; }));
  EXPECT_EQ(ann.seen_by_appview(), std::vector<std::string>{"before"});
  EXPECT_THAT(ann.seen_through_pds(), ElementsAre("held", "before")) << "the PDS merges what its App View lacks";
  firehose.heal();
  EXPECT_TRUE(eventually([&] { return ann.appview_has("held"); }));
  EXPECT_EQ(firehose.statistics().connections, 1U) << "nobody dialled again";
}

TEST_F(StackTest, AKilledAppViewCatchesUpWhenItIsRestarted) {
  stack_.start();
  Account ann(stack_, "ann");
  ann.post("first of all");
  ann.post("before");
  ASSERT_TRUE(eventually([&] { return ann.appview_has("before"); }));
  const std::string appview = stack_.appview_url();
  const std::string did = stack_.appview_did();
  EXPECT_TRUE(stack_.kill(Stack::Part::appview).at("reaped"));
  std::string why;
  EXPECT_TRUE(stack_.healthy(why)) << "killed, so it did not end by itself: " << why;
  EXPECT_THROW(stack_.kill(Stack::Part::appview), EnvironmentError);
  ann.post("meanwhile");
  EXPECT_EQ(ann.seen_by_appview(), std::nullopt);
  const auto received_before = proxy_.link(Stack::firehose()).statistics().to_dialler.received;
  stack_.restart(Stack::Part::appview);
  EXPECT_EQ(stack_.appview_url(), appview);
  EXPECT_EQ(stack_.appview_did(), did);
  EXPECT_TRUE(eventually([&] { return ann.appview_has("meanwhile"); }));
  EXPECT_TRUE(ann.appview_has("before"));
  // It went on where it was: what it was sent is less than the whole stream.
  EXPECT_LT(proxy_.link(Stack::firehose()).statistics().to_dialler.received - received_before, received_before);
}

TEST_F(StackTest, AKilledPdsKeepsAccountsRecordsAndLogins) {
  stack_.start();
  Account ann(stack_, "ann");
  ann.post("before");
  stack_.kill(Stack::Part::pds);
  stack_.restart(Stack::Part::pds);
  ann.post("after");
  EXPECT_TRUE(eventually([&] { return ann.appview_has("after") && ann.appview_has("before"); }));
  Account(stack_, "bob").post("a new account");
}

TEST_F(StackTest, APortThatWasTakenMeanwhileIsToldAndCanBeHadLater) {
  stack_.start();
  stack_.kill(Stack::Part::appview);
  const LinkName squatter{"some", "body"};
  const auto port = static_cast<std::uint16_t>(std::stoi(stack_.appview_url().substr(stack_.appview_url().rfind(':') + 1)));
  proxy_.open(squatter, {"127.0.0.1", 1}, port);
  try {
    stack_.restart(Stack::Part::appview);
    ADD_FAILURE() << "it was restarted";
  } catch (const EnvironmentError& error) {
    EXPECT_THAT(error.what(), HasSubstr("one of its ports was taken"));
  }
  proxy_.close(squatter);
  stack_.restart(Stack::Part::appview);
  Account ann(stack_, "ann");
  ann.post("hello");
  EXPECT_TRUE(eventually([&] { return ann.appview_has("hello"); }));
}

TEST_F(StackTest, AnEndThatNobodyAskedForIsToldWithItsLastWords) {
  stack_.start();
  for (const pid_t child : processes_of_the_stack()) {
    if (contents("/proc/" + std::to_string(child) + "/cmdline").find("appview.mjs") != std::string::npos) ::kill(child, SIGKILL);
  }
  std::string why;
  EXPECT_TRUE(eventually([&] { return !stack_.healthy(why); }));
  EXPECT_THAT(why, HasSubstr("the App View ended by itself"));
}

TEST_F(StackTest, WithoutAnInstallationTheScriptIsNamedAndNothingIsLeft) {
  const char* before = ::getenv("XDG_CACHE_HOME");
  const std::string caches = before == nullptr ? "" : before;
  ::setenv("XDG_CACHE_HOME", "/nonexistent", 1);
  try {
    stack_.start();
    ADD_FAILURE() << "it started";
  } catch (const EnvironmentError& error) {
    EXPECT_THAT(error.what(), HasSubstr("scripts/install-atproto"));
    EXPECT_THAT(error.what(), HasSubstr("/nonexistent/afterwrite/atproto-"));
  }
  if (caches.empty()) {
    ::unsetenv("XDG_CACHE_HOME");
  } else {
    ::setenv("XDG_CACHE_HOME", caches.c_str(), 1);
  }
  stack_.stop();
  EXPECT_THAT(left_behind(), IsEmpty());
}

}  // namespace
}  // namespace afterwrite::atproto
