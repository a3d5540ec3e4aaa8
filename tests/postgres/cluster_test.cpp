#include <cstdio>
#include <fstream>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pwd.h>
#include <set>
#include <signal.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/process/watchdog.hpp"
#include "harness/session/errors.hpp"
#include "tests/postgres/running_cluster.hpp"

namespace afterwrite::postgres {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string content(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// The processes whose command line holds `text`.
std::vector<std::string> processes_with(const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string command_line = content(entry.path() / "cmdline");
    if (command_line.find(text) != std::string::npos)
      found.push_back(entry.path().filename().string() + " " + command_line);
  }
  return found;
}

/// The ids of the SysV shared memory segments on this machine.
std::set<std::string> segments() {
  std::ifstream file("/proc/sysvipc/shm");
  std::set<std::string> ids;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string key;
    std::string id;
    fields >> key >> id;
    ids.insert(id);
  }
  return ids;
}

/// The segment that a running server of the cluster wrote into its postmaster.pid.
std::string segment_of(const fs::path& data) {
  std::ifstream file(data / "postmaster.pid");
  std::string line;
  for (int number = 1; number <= 7; ++number)
    std::getline(file, line);
  std::istringstream fields(line);
  std::string key;
  std::string id;
  fields >> key >> id;
  return id;
}

bool refuses_connections(std::uint16_t port) {
  const Target target{{{"host", "127.0.0.1"}, {"port", std::to_string(port)}}, ""};
  const auto attempt = ServerConnection::open(target, in(patience));
  return !attempt.connection && attempt.error.find("refused") != std::string::npos;
}

/// Boots, kills one follower on the way, stops, and expects that nothing is left.
void boot_and_leave_nothing() {
  const TemporaryRoot outer;
  fs::path folder;
  std::vector<std::uint16_t> ports;
  std::vector<std::string> segment_ids;
  {
    RunningCluster cluster;
    folder = cluster.folder();
    const std::string password = cluster.password();
    EXPECT_THAT(password.size(), 32U);
    EXPECT_THAT(processes_with(password), IsEmpty());
    EXPECT_THAT(cluster.deployment().describe().dump(), Not(HasSubstr(password)));
    for (const char* node : {"node-0", "node-1", "node-2"}) {
      ports.push_back(cluster.port(node));
      segment_ids.push_back(segment_of(folder / node));
      EXPECT_TRUE(segments().contains(segment_ids.back()));
      const auto map = content(fs::path("/proc") / std::to_string(cluster.pid(node)) / "maps");
      EXPECT_THAT(map, HasSubstr("postgres"));
      EXPECT_THAT(map, Not(HasSubstr("/dev/shm/")));
      struct stat of_data {};
      ASSERT_EQ(stat((folder / node).c_str(), &of_data), 0);
      EXPECT_NE(of_data.st_uid, 0U) << "servers must not run as root";
      EXPECT_EQ(of_data.st_mode & 077U, 0U);
    }
    const auto proof = cluster.deployment().kill("node-2");
    EXPECT_EQ(proof.at("reaped"), true);
    EXPECT_GT(proof.at("pid").get<pid_t>(), 0);
    std::string why;
    EXPECT_TRUE(cluster.deployment().healthy(why)) << why;
    EXPECT_FALSE(segments().contains(segment_ids.back())) << "a killed server's segment goes with it";
    cluster.stop();
    EXPECT_FALSE(fs::exists(folder));
  }
  EXPECT_THAT(processes_with(folder.string()), IsEmpty());
  for (const std::uint16_t port : ports)
    EXPECT_TRUE(refuses_connections(port));
  for (const std::string& id : segment_ids)
    EXPECT_FALSE(segments().contains(id));
}

TEST(Cluster, BootsInItsOwnFolderAndLeavesNothing) {
  boot_and_leave_nothing();
}

TEST(Cluster, DoesSoForAPlainUserToo) {
  if (geteuid() != 0) return boot_and_leave_nothing();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const passwd* nobody = getpwnam("nobody");
    const bool dropped =
        nobody != nullptr && setgroups(0, nullptr) == 0 && setgid(nobody->pw_gid) == 0 && setuid(nobody->pw_uid) == 0;
    if (!dropped) _exit(2);
    try {
      boot_and_leave_nothing();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      _exit(3);
    }
    std::fflush(nullptr);
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST(Cluster, HasNoFollowersIfSoAsked) {
  RunningCluster cluster(ClusterOptions{.followers = 0});
  const auto client = cluster.deployment().open_client("s0");
  EXPECT_EQ(write(*client, "k", "v").outcome, Outcome::ok);
  EXPECT_TRUE(cluster.deployment().topology().followers().empty());
}

TEST(Cluster, AFailedStartLeavesNothingEither) {
  const TemporaryRoot root;
  FaultProxy proxy;
  // No time for anything: initdb is ended half-way.
  const auto deployment = make_cluster(ClusterOptions{.patience = std::chrono::milliseconds(50)}, proxy);
  EXPECT_THROW(deployment->start(), EnvironmentError);
  deployment->stop();
  EXPECT_TRUE(fs::is_empty(root.path()));
  EXPECT_THAT(processes_with(root.path().string()), IsEmpty());
}

TEST(Cluster, AKilledServerComesBackAtOnce) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  for (const char* node : {"node-1", "node-0"}) {
    cluster.deployment().kill(node);
    EXPECT_THROW(cluster.deployment().kill(node), EnvironmentError);
    cluster.deployment().restart(node);
    std::string why;
    EXPECT_TRUE(cluster.deployment().healthy(why)) << why;
  }
  // The old connection is dead, the value is not, and the follower follows again.
  const auto later = cluster.deployment().open_client("s1");
  EXPECT_EQ(read(*later, "k", "node-0").value, Value(std::string("v1")));
  const Reply reply = write(*later, "k", "v2");
  ASSERT_EQ(reply.outcome, Outcome::ok) << reply.error;
  EXPECT_EQ(reply.version->version, 2);
  EXPECT_EQ(later->await("node-1", reply.position, in(patience)), Applied::reached);
  EXPECT_EQ(read(*later, "k", "node-1").value, Value(std::string("v2")));
}

/// Listens on a port of 127.0.0.1 until it is destroyed.
class PortTaken {
 public:
  explicit PortTaken(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    // The socket API's own way of passing an address.
    taken_ = bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && listen(socket_, 1) == 0;
  }
  PortTaken(const PortTaken&) = delete;
  PortTaken& operator=(const PortTaken&) = delete;
  ~PortTaken() { close(socket_); }

  bool taken() const { return taken_; }

 private:
  int socket_;
  bool taken_ = false;
};

TEST(Cluster, AServerWhosePortWasTakenMeanwhileMovesAndIsFound) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const std::uint16_t before = cluster.port("node-0");
  cluster.deployment().kill("node-0");
  const PortTaken other(before);
  ASSERT_TRUE(other.taken());
  cluster.deployment().restart("node-0");
  EXPECT_NE(cluster.port("node-0"), before);
  const auto client = cluster.deployment().open_client("s0");
  const Reply reply = write(*client, "k", "v1");
  ASSERT_EQ(reply.outcome, Outcome::ok) << reply.error;
  EXPECT_EQ(client->await("node-1", reply.position, in(patience)), Applied::reached);
}

TEST(Cluster, NothingIsLeftOfAHarnessThatWasKilled) {
  const TemporaryRoot root;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  std::fflush(nullptr);
  const pid_t harness = fork();
  if (harness == 0) {
    Watchdog::instance().start();
    RunningCluster cluster;
    cluster.deployment().kill("node-2");
    std::string segment_ids;
    for (const char* node : {"node-0", "node-1"})
      segment_ids += segment_of(cluster.folder() / node) + " ";
    const auto written = ::write(ready[1], segment_ids.data(), segment_ids.size());
    for (;;)
      pause();
    _exit(written > 0 ? 0 : 1);
  }
  close(ready[1]);
  char buffer[256] = {};
  ASSERT_GT(::read(ready[0], buffer, sizeof buffer - 1), 0);
  close(ready[0]);
  ::kill(harness, SIGKILL);
  ASSERT_EQ(waitpid(harness, nullptr, 0), harness);

  EXPECT_TRUE(eventually([&] { return processes_with(root.path().string()).empty(); }));
  std::istringstream segment_ids(buffer);
  for (std::string id; segment_ids >> id;) {
    EXPECT_TRUE(eventually([&] { return !segments().contains(id); })) << id;
  }
  // The harness's own folder for temporary files is all that is left, and it was this test's.
  EXPECT_TRUE(eventually([&] {
    for (const auto& entry : fs::recursive_directory_iterator(root.path())) {
      if (entry.path().filename() == "pgpass") return false;
    }
    return true;
  }));
}

TEST(Cluster, AServerThatEndedByItselfIsNamed) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  std::string why;
  ASSERT_TRUE(cluster.deployment().healthy(why)) << why;
  ::kill(cluster.pid("node-1"), SIGINT);
  EXPECT_TRUE(eventually([&] { return !cluster.deployment().healthy(why); }));
  EXPECT_THAT(why, HasSubstr("node-1"));
  EXPECT_THAT(why, HasSubstr("fast shutdown request"));
}

}  // namespace
}  // namespace afterwrite::postgres
