#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/memory/memory.hpp"

namespace afterwrite::memory {

using namespace std::chrono_literals;

/// Never reached unless something hangs.
inline Deadline far_off() {
  return Clock::now() + 60s;
}

/// A lag under which no follower shows anything while a test lasts.
inline constexpr Duration for_ever = 12h;

/// The system and one session of it.
class Driver {
 public:
  explicit Driver(std::vector<Duration> lag = {}, std::map<std::string, std::string> options = {},
                  std::size_t followers = 2)
      : system_(make_memory({.followers = lag.size() > 1 ? lag.size() : followers,
                             .lag = std::move(lag),
                             .options = std::move(options),
                             .seed = 1})) {
    system_->start();
    client_ = system_->open_client("s0");
  }
  ~Driver() {
    client_.reset();
    system_->stop();
  }

  Deployment& system() { return *system_; }
  Client& client() { return *client_; }

  Reply call(Call call) {
    if (call.deadline == Deadline{}) call.deadline = far_off();
    return client_->call(call);
  }
  Reply write(const std::string& key, const std::string& value, const std::string& node = "node-0") {
    return call({.function = Function::write, .key = key, .value = value, .node = node, .deadline = {}});
  }
  Reply append(const std::string& key, const std::string& value) {
    return call({.function = Function::append, .key = key, .value = value, .node = "node-0", .deadline = {}});
  }
  Reply read(const std::string& node, const std::string& key) {
    return call({.function = Function::read, .key = key, .value = {}, .node = node, .deadline = {}});
  }
  /// What `node` shows, in words: the value, or the outcome if there is none.
  std::string shown(const std::string& node, const std::string& key) {
    const Reply reply = read(node, key);
    return reply.outcome == Outcome::ok ? display(reply.value) : std::string(to_string(reply.outcome));
  }
  Awaited await(const std::string& node, const std::string& position, Deadline deadline = far_off()) {
    return client_->await(node, position, deadline);
  }

 private:
  std::unique_ptr<Deployment> system_;
  std::unique_ptr<Client> client_;
};

}  // namespace afterwrite::memory
