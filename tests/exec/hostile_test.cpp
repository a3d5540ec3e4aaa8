// Adapters that do not behave: no call hangs, no process is left, and each is told apart.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

#include "adapters/exec/exec.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::exec {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr Duration far_off = 60s;

std::unique_ptr<Deployment> hostile(const std::vector<std::string>& arguments) {
  ExecOptions options;
  options.command = {AFTERWRITE_HOSTILE_ADAPTER};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.start_within = far_off;
  return make_exec(options);
}

Reply write(Client& client, const std::string& value, Duration within = far_off) {
  return client.call({.function = Function::write,
                      .key = "k",
                      .value = value,
                      .list = false,
                      .node = "n1",
                      .deadline = Clock::now() + within});
}
Reply read(Client& client, const std::string& node = "n1", Duration within = far_off) {
  return client.call({.function = Function::read,
                      .key = "k",
                      .value = {},
                      .list = false,
                      .node = node,
                      .deadline = Clock::now() + within});
}

/// A session with its adapter running: hello has been answered and n1 is open.
struct Session {
  std::unique_ptr<Deployment> system;
  std::unique_ptr<Client> client;
  pid_t pid = -1;

  explicit Session(const std::vector<std::string>& arguments)
      : system(hostile(arguments)), client(system->open_client("s0")) {
    // A wait is no invoke: everybody behaves there.
    const auto deadline = Clock::now() + far_off;
    while (client->await("n1", "9", Clock::now() + 300ms) != Applied::not_yet && Clock::now() < deadline) {
    }
    pid = process_of(*client).value_or(-1);
  }
};

bool gone(pid_t pid) {
  return pid > 0 && ::kill(pid, 0) < 0 && errno == ESRCH;
}

struct Case {
  std::string mode;
  std::vector<std::string> says;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.mode;
}

std::string name_of(const testing::TestParamInfo<Case>& tested) {
  std::string name = tested.param.mode;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Misbehaviour : public testing::TestWithParam<Case> {};

TEST_P(Misbehaviour, is_unsure_killed_and_told) {
  Session session({GetParam().mode});
  ASSERT_GT(session.pid, 0);
  const Reply reply = write(*session.client, "v");
  EXPECT_EQ(reply.outcome, Outcome::info) << reply.error;
  EXPECT_EQ(reply.connection, Connection::lost);
  EXPECT_EQ(reply.node, "n1");
  for (const std::string& word : GetParam().says)
    EXPECT_THAT(reply.error, HasSubstr(word));
  EXPECT_TRUE(gone(session.pid));
  EXPECT_FALSE(process_of(*session.client));
}

INSTANTIATE_TEST_SUITE_P(
    Exec, Misbehaviour,
    testing::Values(
        Case{"garbage", {"'this is not JSON' is no JSON", "expected one JSON object in each line"}},
        Case{"exit", {"ended (exit code 3)", "expected it to run", "its stderr ends: Traceback: out of luck"}},
        Case{"killed", {"ended by SIGKILL"}}, Case{"twice", {"came unasked", "expected one answer to each request"}},
        Case{"flood-stdout", {"more than 16 MiB to stdout without a line's end"}},
        Case{"wrong-id", {"bears a wrong id", "expected \"id\":"}}, Case{"no-object", {"[1] is no JSON object"}},
        Case{"no-type", {"'type' is null", R"(expected "ok", "fail" or "info")"}},
        Case{"misspelt", {"'positon' is no member", "did you mean 'position'?"}},
        Case{"bad-position", {"'position' is \"LSN 1\"", "an integer in quotes"}},
        Case{"leaves-a-child", {"ended (exit code 0)"}}),
    name_of);

class Silence : public testing::TestWithParam<Case> {};

TEST_P(Silence, ends_by_the_deadline) {
  Session session({GetParam().mode});
  // What the adapter is to have done by then takes a slow machine a while.
  const bool waited_out = GetParam().says.front() == "no answer by the deadline";
  const auto patience = waited_out && GetParam().says.size() == 1 ? 100ms : 10000ms;
  const auto deadline = Clock::now() + patience;
  const Reply reply = write(*session.client, std::string(1'000'000, 'x'), patience);
  if (waited_out) {
    EXPECT_GE(Clock::now(), deadline);
  }
  EXPECT_EQ(reply.outcome, Outcome::info) << reply.error;
  EXPECT_EQ(reply.connection, Connection::lost);
  for (const std::string& word : GetParam().says)
    EXPECT_THAT(reply.error, HasSubstr(word));
  EXPECT_TRUE(gone(session.pid));
}

INSTANTIATE_TEST_SUITE_P(Exec, Silence,
                         testing::Values(Case{"hang", {"no answer by the deadline"}},
                                         Case{"deaf", {"no answer by the deadline"}},
                                         Case{"flood-stderr", {"no answer by the deadline", "its stderr ends: "}},
                                         Case{"closes-stdout", {"closed its stdout"}}),
                         name_of);

TEST(ExecClient, a_read_of_what_no_value_is) {
  Session session({"float"});
  const Reply reply = read(*session.client);
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_THAT(reply.error, AllOf(HasSubstr("'value' is 1.5"), HasSubstr("expected a string or an integer")));
  EXPECT_TRUE(is_null(reply.value));
  EXPECT_TRUE(gone(session.pid));
}

TEST(ExecClient, much_on_stderr_does_no_harm) {
  Session session({"talkative"});
  EXPECT_EQ(write(*session.client, "v").outcome, Outcome::ok);
  EXPECT_EQ(read(*session.client).value, Value("v"));
}

TEST(ExecClient, says_what_the_adapter_says) {
  Session refused({"fail"});
  Reply reply = write(*refused.client, "v");
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_EQ(reply.error, "read-only");
  EXPECT_EQ(reply.connection, Connection::usable);
  Session unsure({"info"});
  reply = write(*unsure.client, "v");
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_EQ(reply.error, "the connection broke");
}

TEST(ExecClient, what_was_said_unasked_spoils_the_next_call_only) {
  Session session({"unasked"});
  // Both in one piece or not: then the first one is unsure too.
  const Reply first = write(*session.client, "v");
  EXPECT_NE(first.outcome, Outcome::ok);
  if (first.outcome == Outcome::fail) {
    const auto deadline = Clock::now() + far_off;
    Reply next;
    do {
      next = read(*session.client, "n1");
    } while (next.error == "no" && Clock::now() < deadline);
    // Noticed before the next request was sent, or taken for the answer to it.
    EXPECT_THAT(next.error, testing::AnyOf(HasSubstr("came unasked"), HasSubstr("bears a wrong id")));
  }
  EXPECT_TRUE(gone(session.pid));
}

TEST(ExecClient, one_that_leaves_between_calls_is_followed_by_another) {
  const auto system = hostile({"leaves"});
  const auto client = system->open_client("s0");
  // It goes as soon as n1 is open. Whether something was sent to it by then is a matter of luck.
  for (int i = 0; i < 3; ++i) {
    const Reply reply = write(*client, "v");
    EXPECT_NE(reply.outcome, Outcome::ok);
    EXPECT_EQ(reply.connection, Connection::lost);
    EXPECT_THAT(reply.error, HasSubstr("ended (exit code 0)"));
  }
}

TEST(ExecClient, a_node_that_cannot_be_opened_is_refused) {
  Session session({"closed-node"});
  const Reply reply = read(*session.client, "n2");
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_EQ(reply.connection, Connection::refused);
  EXPECT_THAT(reply.error, HasSubstr("n2 is down"));
  EXPECT_EQ(read(*session.client).outcome, Outcome::ok);
  EXPECT_EQ(process_of(*session.client), session.pid);
}

TEST(ExecClient, starting_may_take_longer_than_a_call) {
  const auto system = hostile({"slow-start"});
  const auto client = system->open_client("s0");
  const Reply early = write(*client, "v", 20ms);
  EXPECT_EQ(early.outcome, Outcome::fail);
  EXPECT_THAT(early.error, HasSubstr("still starting"));
  const auto pid = process_of(*client);
  EXPECT_EQ(write(*client, "v").outcome, Outcome::ok);
  EXPECT_EQ(process_of(*client), pid);
}

TEST(ExecClient, a_late_answer_to_a_wait_is_waited_out) {
  Session session({"late-wait"});
  EXPECT_EQ(session.client->await("n1", "9", Clock::now() + 400ms), Applied::not_yet);
  EXPECT_EQ(write(*session.client, "v").outcome, Outcome::ok);
  EXPECT_EQ(process_of(*session.client), session.pid);
}

TEST(ExecClient, all_processes_of_a_run_answer_hello_alike) {
  const std::string seen = testing::TempDir() + "/changes-its-mind";
  std::filesystem::remove(seen);
  const auto system = hostile({"changes-its-mind", seen});
  const auto client = system->open_client("s0");
  const Reply reply = write(*client, "v");
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_THAT(reply.error, HasSubstr("not what the first one answered"));
  std::filesystem::remove(seen);
}

TEST(ExecClient, functions_it_does_not_have_fail) {
  Session session({"good"});
  const Reply reply = session.client->call({.function = Function::append,
                                            .key = "k",
                                            .value = "v",
                                            .list = true,
                                            .node = "n1",
                                            .deadline = Clock::now() + far_off});
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_EQ(reply.error, "the adapter has no 'append'; it said that it has read, write");
  EXPECT_FALSE(session.system->offers(Function::append));
}

TEST(ExecClient, text_that_is_no_utf8_is_not_sent) {
  Session session({"good"});
  EXPECT_EQ(write(*session.client, "\xff").outcome, Outcome::fail);
  EXPECT_EQ(write(*session.client, "v").outcome, Outcome::ok);
  EXPECT_EQ(process_of(*session.client), session.pid);
}

TEST(ExecClient, its_process_ends_with_it) {
  Session session({"good"});
  EXPECT_EQ(write(*session.client, "v").outcome, Outcome::ok);
  session.client.reset();
  EXPECT_TRUE(gone(session.pid));
}

TEST(ExecDeployment, positions_compare_where_they_are_numeric) {
  const auto system = hostile({"good"});
  EXPECT_EQ(system->at_least("10", "9"), true);
  EXPECT_EQ(system->at_least("9", "10"), false);
  EXPECT_EQ(system->at_least("9", "x"), std::nullopt);
  EXPECT_EQ(system->topology().leader(), "n1");
  EXPECT_EQ(system->topology().followers(), std::vector<std::string>{"n2"});
  EXPECT_EQ(system->open_beat(), nullptr);
}

TEST(ExecDeployment, what_cannot_be_started_is_told) {
  const auto complaint = [](const std::vector<std::string>& command) {
    try {
      make_exec({.command = command, .config = {}, .log = {}});
      return std::string("(no complaint)");
    } catch (const EnvironmentError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_THAT(complaint({"/nonexistent/adapter"}), AllOf(HasSubstr("No such file"), HasSubstr("check the path")));
  EXPECT_THAT(complaint({"nobody-calls-a-program-so"}), HasSubstr("no program"));
  EXPECT_THAT(complaint({"/etc/passwd"}), AllOf(HasSubstr("Permission denied"), HasSubstr("chmod +x")));
  EXPECT_THAT(complaint({"/bin/sh", "-c", "echo why >&2; exit 5"}),
              AllOf(HasSubstr("exit code 5"), HasSubstr("its stderr ends: why")));
  EXPECT_THAT(complaint({"/bin/echo", "Hello!"}), AllOf(HasSubstr("hello"), HasSubstr("Hello!' is no JSON")));
  EXPECT_THAT(complaint({"/bin/echo", R"({"id":1,"type":"fail","error":"no route to db1"})"}),
              HasSubstr("no route to db1"));
}

TEST(ExecDeployment, silence_after_hello_has_an_end) {
  ExecOptions options;
  options.command = {"/bin/sleep", "3600"};
  options.start_within = 50ms;
  EXPECT_THAT([&] { make_exec(options); },
              testing::ThrowsMessage<EnvironmentError>(AllOf(HasSubstr("within 50ms"), HasSubstr("start-within"))));
}

}  // namespace
}  // namespace afterwrite::exec
