#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "adapters/atproto/atproto.hpp"
#include "adapters/atproto/bluesky.hpp"
#include "harness/faults/proxy.hpp"
#include "tests/process/support.hpp"

namespace afterwrite::atproto {

inline Deadline soon() {
  return Clock::now() + std::chrono::minutes(2);  // a hang, not a slow machine
}

/// One session, which does what a test says.
class Visitor {
 public:
  Visitor(Deployment& deployment, const std::string& session)
      : catalogue_(deployment.catalogue()), client_(deployment.open_client(session)) {}

  Reply write(const std::string& key, const std::string& value) { return act(Function::write, key, value); }
  Reply remove(const std::string& key) { return act(Function::remove, key, {}); }
  Reply read(const std::string& key) { return act(Function::read, key, {}); }
  Reply commit(const std::vector<Put>& puts) {
    const Reply reply = client_->commit({.puts = puts, .node = pds_node, .deadline = soon()});
    EXPECT_EQ(reply.outcome, Outcome::ok) << reply.error;
    return reply;
  }

  Sighting look(const std::string& view, const std::string& key) {
    for (const View& one : catalogue_.views) {
      if (one.name != view) continue;
      const std::vector<Sought> keys{{key, {}}};
      Sights sights = client_->look_at({.view = one, .keys = keys, .node = one.node, .deadline = soon()});
      EXPECT_EQ(sights.reply.outcome, Outcome::ok) << view << ": " << sights.reply.error;
      answer = sights.reply.labels["answer"];
      if (sights.reply.outcome != Outcome::ok) return {};
      EXPECT_TRUE(sights.found.at(0).decided) << view << " does not tell of " << key;
      return sights.found.at(0);
    }
    ADD_FAILURE() << "there is no view " << view;
    return {};
  }
  Value seen(const std::string& view, const std::string& key) { return look(view, key).value; }
  std::string evidence(const std::string& view, const std::string& key) { return look(view, key).labels["evidence"]; }

  std::string answer;  ///< of the last look

 private:
  Reply act(Function function, const std::string& key, const Value& value) {
    const Reply reply = client_->call(
        {.function = function, .key = key, .value = value, .list = false, .node = pds_node, .deadline = soon()});
    EXPECT_EQ(reply.outcome, Outcome::ok) << key << ": " << reply.error;
    return reply;
  }

  const Catalogue catalogue_;
  std::unique_ptr<Client> client_;
};

/// The stack, with accounts that are in use.
class ReadAfterWrite : public testing::Test {
 protected:
  explicit ReadAfterWrite(bool beyond = false)
      : deployment_(make_own({.users = 4, .newcomers = 2, .beyond = beyond}, proxy_)) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711));
  }
  ~ReadAfterWrite() override {
    deployment_->stop();
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path())) << "something was left behind";
  }

  static constexpr const char* direct = " (App View)";
  bool settled(Visitor& visitor, const std::string& view, const std::string& key, const Value& value) {
    return eventually([&] { return visitor.seen(view + direct, key) == value && visitor.seen(view, key) == value; });
  }

  TestFolder folder_;
  TemporaryFilesIn here_{folder_.path()};
  FaultProxy proxy_;
  std::unique_ptr<Deployment> deployment_;
};

}  // namespace afterwrite::atproto
