#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/session/errors.hpp"
#include "tests/postgres/running_cluster.hpp"

namespace afterwrite::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A cluster that plays the user's, and the way in: a password file for its real ports.
class UsersCluster {
 public:
  explicit UsersCluster(std::size_t followers = 1) : cluster_(ClusterOptions{.followers = followers}) {
    std::ofstream(pgpass_) << fmt::format("127.0.0.1:{}:postgres:afterwrite:{}\n127.0.0.1:{}:postgres:afterwrite:{}\n",
                                          cluster_.port("node-0"), cluster_.password(),
                                          cluster_.port(followers > 0 ? "node-1" : "node-0"), cluster_.password());
    std::filesystem::permissions(pgpass_, std::filesystem::perms(0600));
    setenv("PGPASSFILE", pgpass_.c_str(), 1);
  }
  UsersCluster(const UsersCluster&) = delete;
  UsersCluster& operator=(const UsersCluster&) = delete;
  ~UsersCluster() { unsetenv("PGPASSFILE"); }

  std::string url(const std::string& node, const std::string& password = "") const {
    return fmt::format("postgresql://afterwrite{}@127.0.0.1:{}/postgres", password, cluster_.port(node));
  }
  ForeignOptions options() const {
    ForeignOptions options;
    options.leader_url = url("node-0");
    options.follower_urls = {url("node-1")};
    return options;
  }
  RunningCluster& cluster() { return cluster_; }
  /// All tables that look like a run's, but for the cluster's own.
  std::string run_tables() {
    return cluster_.admin("node-0").value(
        fmt::format(
            "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relname LIKE "
            "'afterwrite%' AND relname <> '{}'",
            cluster_.table()),
        in(patience));
  }

 private:
  TemporaryRoot root_;
  std::filesystem::path pgpass_ = root_.path() / "users-pgpass";
  RunningCluster cluster_;
};

std::string start_error(const ForeignOptions& options) {
  FaultProxy links;
  const auto deployment = make_foreign(options, links);
  try {
    deployment->start();
  } catch (const EnvironmentError& error) {
    deployment->stop();
    return error.what();
  }
  deployment->stop();
  return "";
}

TEST(Foreign, UsesAndRemovesATableOfItsOwn) {
  UsersCluster users;
  FaultProxy links;
  const auto deployment = make_foreign(users.options(), links);
  deployment->start();
  const std::string table = deployment->describe().at("table");
  EXPECT_EQ(users.run_tables(), table);
  EXPECT_THAT(
      users.cluster().admin("node-0").value(fmt::format("SELECT obj_description('{}'::regclass)", table), in(patience)),
      HasSubstr(fmt::format("\"pid\":{}", getpid())));

  // The password came from the file, and is nowhere to be seen.
  const std::string password = users.cluster().password();
  EXPECT_THAT(deployment->describe().dump(), Not(HasSubstr(password)));
  std::ifstream arguments("/proc/self/cmdline");
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(arguments), {}), Not(HasSubstr(password)));

  {
    const auto client = deployment->open_client("s0");
    const auto beat = deployment->open_beat();
    const Reply reply = write(*client, "k", "v1");
    ASSERT_EQ(reply.outcome, Outcome::ok) << reply.error;
    EXPECT_EQ(client->await("node-1", reply.position, in(patience)), Applied::reached);
    EXPECT_EQ(read(*client, "k", "node-1").value, Value(std::string("v1")));
    EXPECT_EQ(read(*client, "k", "node-1").role, Role::follower);
    EXPECT_TRUE(beat->write(1, in(patience)));
    EXPECT_TRUE(eventually([&] { return beat->visible("node-1", in(patience)) == 1; }));
  }
  deployment->stop();
  EXPECT_EQ(users.run_tables(), "");
}

TEST(Foreign, ClientLinksArePutThroughAndCutWhenAsked) {
  UsersCluster users;
  FaultProxy links;
  ForeignOptions options = users.options();
  options.proxy_clients = true;
  const auto deployment = make_foreign(options, links);
  deployment->start();
  const auto client = deployment->open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  // Also a new connection through a link finds its password, though no password file knows the link's port.
  EXPECT_EQ(write(*deployment->open_client("s1"), "k", "v2").outcome, Outcome::ok);
  links.link(*deployment->client_link("node-0")).cut();
  EXPECT_EQ(write(*client, "k", "v3").outcome, Outcome::fail);
  EXPECT_EQ(write(*client, "k", "v3").connection, Connection::refused);
  deployment->stop();
  EXPECT_EQ(users.run_tables(), "") << "the table is removed even while the links are cut";
}

TEST(Foreign, TakesAPasswordFromTheEnvironment) {
  UsersCluster users;
  unsetenv("PGPASSFILE");
  setenv("AFTERWRITE_TEST_PASSWORD", users.cluster().password().c_str(), 1);
  ForeignOptions options;
  options.leader_url = users.url("node-0", ":{env:AFTERWRITE_TEST_PASSWORD}");
  EXPECT_EQ(start_error(options), "");
  setenv("AFTERWRITE_TEST_PASSWORD", "wrong-one", 1);
  const std::string error = start_error(options);
  EXPECT_THAT(error, HasSubstr("password authentication failed"));
  EXPECT_THAT(error, Not(HasSubstr("wrong-one")));
  unsetenv("AFTERWRITE_TEST_PASSWORD");
}

TEST(Foreign, ARoleWithoutPrivilegesIsEnough) {
  UsersCluster users;
  Admin admin = users.cluster().admin("node-0");
  admin.run("CREATE ROLE app LOGIN PASSWORD 'app-secret'", in(patience));
  ForeignOptions options;
  setenv("AFTERWRITE_TEST_PASSWORD", "app-secret", 1);
  const auto url = [&](const char* node) {
    return fmt::format("postgresql://app:{{env:AFTERWRITE_TEST_PASSWORD}}@127.0.0.1:{}/postgres",
                       users.cluster().port(node));
  };
  options.leader_url = url("node-0");
  options.follower_urls = {url("node-1")};
  // Where it may not make a table it is told so, and what it needs.
  EXPECT_THAT(start_error(options), HasSubstr("CREATE"));
  admin.run("GRANT CREATE ON SCHEMA public TO app", in(patience));

  FaultProxy links;
  const auto deployment = make_foreign(options, links);
  deployment->start();
  {
    const auto client = deployment->open_client("s0");
    const Reply reply = write(*client, "k", "v1");
    ASSERT_EQ(reply.outcome, Outcome::ok) << reply.error;
    EXPECT_EQ(client->await("node-1", reply.position, in(patience)), Applied::reached);
    EXPECT_EQ(read(*client, "k", "node-1").version, reply.version);
    EXPECT_TRUE(deployment->open_beat()->write(1, in(patience)));
  }
  deployment->stop();
  EXPECT_EQ(users.run_tables(), "");
  unsetenv("AFTERWRITE_TEST_PASSWORD");
}

TEST(Foreign, ServersInTheWrongPlaceAreNamed) {
  UsersCluster users;
  ForeignOptions swapped;
  swapped.leader_url = users.url("node-1");
  EXPECT_THAT(start_error(swapped), HasSubstr("it is a follower"));
  ForeignOptions twice = users.options();
  twice.follower_urls = {users.url("node-0")};
  EXPECT_THAT(start_error(twice), HasSubstr("not in recovery"));
  ForeignOptions behind = users.options();
  behind.patience = std::chrono::seconds(5);  // so long that a busy machine answers some of the looks
  users.cluster().replication("node-1").stall(Direction::both);
  EXPECT_THAT(start_error(behind), HasSubstr("did not appear there in time"));
  users.cluster().replication("node-1").heal();
  EXPECT_EQ(users.run_tables(), "");
  ForeignOptions nobody;
  nobody.leader_url = "postgresql://afterwrite@127.0.0.1:1/postgres";
  EXPECT_THAT(start_error(nobody), HasSubstr("127.0.0.1:1/postgres"));
}

TEST(Foreign, LeftoversOfRunsThatAreGoneAreSwept) {
  UsersCluster users;
  Admin admin = users.cluster().admin("node-0");
  // A run of ours that goes on, to take the form of the comment from.
  FaultProxy links;
  const auto going_on = make_foreign(users.options(), links);
  going_on->start();
  const std::string live = going_on->describe().at("table");
  const std::string comment = admin.value(fmt::format("SELECT obj_description('{}'::regclass)", live), in(patience));
  const auto leave = [&](const std::string& table, const std::string& about) {
    admin.run(fmt::format("CREATE TABLE {} (key text)", table), in(patience));
    if (!about.empty()) admin.run(fmt::format("COMMENT ON TABLE {} IS '{}'", table, about), in(patience));
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = comment;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  const std::string my_pid = fmt::format("\"pid\":{}", getpid());
  leave("afterwrite_00000001", with(my_pid, "\"pid\":1999999999"));              // gone
  leave("afterwrite_00000002", with("\"scope\":\"", "\"scope\":\"elsewhere "));  // of another machine, new
  std::string old = with("\"scope\":\"", "\"scope\":\"elsewhere ");
  old.replace(old.find("\"created\":"), 20, "\"created\":1000000000");
  leave("afterwrite_00000003", old);                          // of another machine, old
  leave("afterwrite_deadbeef", "");                           // somebody's
  leave("afterwrite_cafecafe", "my favourite table");         // somebody's
  leave("afterwrite_1", with(my_pid, "\"pid\":1999999999"));  // not a run's name

  const Swept swept = sweep({users.url("node-0")});
  EXPECT_THAT(swept.removed, ElementsAre("public.afterwrite_00000001", "public.afterwrite_00000003"));
  for (const char* removed : {"afterwrite_00000001", "afterwrite_00000003"}) {
    EXPECT_THAT(users.run_tables(), Not(HasSubstr(removed)));
  }
  for (const std::string& kept : {live, std::string("afterwrite_00000002"), std::string("afterwrite_1"),
                                  std::string("afterwrite_cafecafe"), std::string("afterwrite_deadbeef")}) {
    EXPECT_THAT(users.run_tables(), HasSubstr(kept));
  }
  going_on->stop();

  // The next run sweeps by itself.
  leave("afterwrite_00000004", with(my_pid, "\"pid\":1999999999"));
  EXPECT_EQ(start_error(users.options()), "");
  EXPECT_THAT(users.run_tables(), Not(HasSubstr("afterwrite_00000004")));
}

TEST(Foreign, AnEndpointServesReadsAndWritesWithoutPositions) {
  UsersCluster users(0);
  FaultProxy links;
  ForeignOptions options;
  options.endpoint_url = users.url("node-0");
  const auto deployment = make_foreign(options, links);
  deployment->start();
  EXPECT_EQ(deployment->topology().nodes.size(), 1U);
  EXPECT_EQ(deployment->open_beat(), nullptr);
  {
    const auto client = deployment->open_client("s0");
    const std::string node = deployment->topology().leader();
    const Reply written = write(*client, "k", "v1", node);
    EXPECT_EQ(written.outcome, Outcome::ok) << written.error;
    EXPECT_EQ(written.version, (RecordedVersion{.epoch = 1, .version = 1}));
    EXPECT_EQ(written.position, "");
    EXPECT_EQ(written.role, Role::unknown);
    EXPECT_EQ(append(*client, "l", Scalar{std::int64_t{1}}, node).outcome, Outcome::ok);
    EXPECT_EQ(read(*client, "k", node).value, Value(std::string("v1")));
    EXPECT_EQ(read_list(*client, "l", node).value, Value(List{std::int64_t{1}}));
    EXPECT_TRUE(is_null(read(*client, "none", node).value));
    EXPECT_EQ(read(*client, "k", node).role, Role::unknown);
  }
  deployment->stop();
  EXPECT_EQ(users.run_tables(), "");
}

}  // namespace
}  // namespace afterwrite::postgres
