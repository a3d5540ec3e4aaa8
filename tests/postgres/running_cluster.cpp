#include "tests/postgres/running_cluster.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <thread>

namespace afterwrite::postgres {

TemporaryRoot::TemporaryRoot() {
  const char* before = std::getenv("TMPDIR");
  before_ = before == nullptr ? "" : before;
  char pattern[] = "/tmp/afterwrite-test-XXXXXX";
  if (mkdtemp(pattern) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
  // The servers' account has to get through.
  std::filesystem::permissions(path_, std::filesystem::perms(0711));
  setenv("TMPDIR", path_.c_str(), 1);
}

TemporaryRoot::~TemporaryRoot() {
  if (before_.empty()) {
    unsetenv("TMPDIR");
  } else {
    setenv("TMPDIR", before_.c_str(), 1);
  }
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

RunningCluster::RunningCluster(const ClusterOptions& options) {
  deployment_ = make_cluster(options, proxy_);
  try {
    deployment_->start();
  } catch (...) {
    deployment_->stop();
    throw;
  }
}

RunningCluster::~RunningCluster() {
  deployment_->stop();
}

void RunningCluster::stop() {
  deployment_->stop();
}

std::filesystem::path RunningCluster::folder() const {
  for (const auto& entry : std::filesystem::directory_iterator(root_.path())) {
    if (std::filesystem::exists(entry.path() / "pgpass")) return entry.path();
  }
  throw std::runtime_error("the cluster has no folder");
}

std::uint16_t RunningCluster::port(const std::string& node) const {
  const auto description = deployment_->describe();
  for (const auto& each : description.at("nodes")) {
    if (each.at("name") != node) continue;
    const std::string address = each.at("address");
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  throw std::runtime_error("no node " + node);
}

std::string RunningCluster::password() const {
  std::ifstream file(folder() / "pgpass");
  std::string line;
  std::getline(file, line);
  return line.substr(line.rfind(':') + 1);
}

Admin RunningCluster::admin(const std::string& node) const {
  const Target target{{{"host", "127.0.0.1"},
                       {"port", std::to_string(port(node))},
                       {"user", "afterwrite"},
                       {"password", password()},
                       {"dbname", "postgres"}},
                      node};
  return Admin(target, in(patience));
}

std::string RunningCluster::table() const {
  return deployment_->describe().at("table");
}

pid_t RunningCluster::pid(const std::string& node) const {
  std::ifstream file(folder() / node / "postmaster.pid");
  pid_t pid = 0;
  file >> pid;
  return pid;
}

Deadline in(Duration duration) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(duration);
}

Reply write(Client& client, const std::string& key, const std::string& value, const std::string& node,
            Duration timeout) {
  return client.call(Call{Function::write, key, Value(value), false, node, in(timeout)});
}

Reply append(Client& client, const std::string& key, const Scalar& value, const std::string& node) {
  return client.call(Call{Function::append, key, to_value(value), false, node, in(patience)});
}

Reply remove(Client& client, const std::string& key, const std::string& node) {
  return client.call(Call{Function::remove, key, {}, false, node, in(patience)});
}

Reply read(Client& client, const std::string& key, const std::string& node, Duration timeout) {
  return client.call(Call{Function::read, key, {}, false, node, in(timeout)});
}

Reply read_list(Client& client, const std::string& key, const std::string& node) {
  return client.call(Call{Function::read, key, {}, true, node, in(patience)});
}

bool still_waits(Client& client, const std::string& node, const std::string& position) {
  Applied applied = Applied::unreachable;
  // On a slow machine the first look may take longer than this wait.
  eventually([&] {
    applied = client.await(node, position, in(std::chrono::milliseconds(100))).applied;
    return applied != Applied::unreachable;
  });
  return applied == Applied::not_yet;
}

bool eventually(const std::function<bool()>& condition) {
  const Deadline deadline = in(patience);
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace afterwrite::postgres
