#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/session/deployment.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite::fake {

/// A system inside the test: a leader `node-0` and followers `node-1` ... that all show the same store at once, unless
/// a hook says otherwise. Positions are decimal numbers, `?` does not compare with anything. Hooks are set before the
/// run begins, and are called from several threads.
class System final : public Deployment {
 public:
  explicit System(std::size_t followers = 2) {
    topology_.nodes.push_back({"node-0", Role::leader});
    for (std::size_t i = 1; i <= followers; ++i)
      topology_.nodes.push_back({"node-" + std::to_string(i), Role::follower});
    topology_.epoch = 1;
  }

  // What a test may set.
  std::function<void()> on_start;
  std::function<void()> on_open_beat;
  /// Replaces the store's answer; return nothing to leave it to the store.
  std::function<std::optional<Reply>(const Call&)> on_call;
  std::function<Sights(const Look&)> on_look;
  std::function<Reply(const Commit&)> on_commit;
  Catalogue offered;
  std::function<Awaited(const std::string& node, const std::string& position, Deadline)> on_await;
  std::function<bool(std::int64_t)> on_beat;  ///< false: not acknowledged
  std::function<std::optional<std::int64_t>(const std::string& node, std::int64_t newest)> on_visible;
  bool beats = true;
  std::function<std::optional<std::string>()> illness;  ///< why it is not healthy
  bool faults_possible = false;                         ///< it can be killed, paused and promoted

  // What a test may look at.
  std::atomic<int> started{0};
  std::atomic<int> stopped{0};
  std::atomic<int> clients_open{0};
  std::atomic<int> beats_open{0};
  std::atomic<bool> stopped_with_clients_open{false};
  std::atomic<int> paused{0};  ///< nodes whose replay is paused

  /// `node` leads from now on, in the next epoch; who led before is in nobody's choice any more.
  void lead(const std::string& node) {
    const std::lock_guard lock(mutex_);
    for (Node& known : topology_.nodes) {
      if (known.role == Role::leader) known.role = Role::unknown;
      if (known.name == node) known.role = Role::leader;
    }
    ++topology_.epoch;
  }
  /// Leaves the leader alone.
  void dismiss_followers() {
    const std::lock_guard lock(mutex_);
    topology_.nodes.resize(1);
  }

  void start() override {
    ++started;
    if (on_start) on_start();
  }
  void stop() noexcept override {
    ++stopped;
    if (clients_open > 0 || beats_open > 0) stopped_with_clients_open = true;
  }
  Topology topology() const override {
    const std::lock_guard lock(mutex_);
    return topology_;
  }
  Catalogue catalogue() const override { return offered; }
  nlohmann::json describe() const override { return {{"versions", {{"fake", "1"}}}}; }
  std::unique_ptr<Client> open_client(const std::string&) override { return std::make_unique<FakeClient>(*this); }
  std::unique_ptr<Beat> open_beat() override {
    if (on_open_beat) on_open_beat();
    return beats ? std::make_unique<FakeBeat>(*this) : nullptr;
  }
  std::optional<bool> at_least(const std::string& a, const std::string& b) const override {
    if (a == "?" || b == "?") return std::nullopt;
    return std::stoll(a) >= std::stoll(b);
  }
  std::optional<LinkName> replication_link(const std::string&) const override { return std::nullopt; }
  std::optional<LinkName> client_link(const std::string&) const override { return std::nullopt; }
  std::optional<std::string> refusal(Ability, const std::string&) const override {
    if (faults_possible) return std::nullopt;
    return "this system takes no faults";
  }
  nlohmann::json kill(const std::string&) override { return {{"reaped", true}}; }
  void restart(const std::string&) override {}
  void pause_replay(const std::string&) override { ++paused; }
  void resume_replay(const std::string&) override { --paused; }
  nlohmann::json promote() override {
    const std::string promoted = topology().followers().at(0);
    lead(promoted);
    return {{"promoted", promoted}, {"beat", newest_beat_.load()}, {"accepted_write", true}};
  }
  bool healthy(std::string& why) const override {
    const std::optional<std::string> ill = illness ? illness() : std::nullopt;
    if (ill) why = *ill;
    return !ill;
  }

 private:
  class FakeClient final : public Client {
   public:
    explicit FakeClient(System& system) : system_(system) { ++system_.clients_open; }
    ~FakeClient() override { --system_.clients_open; }
    Reply call(const Call& call) override {
      if (system_.on_call) {
        if (std::optional<Reply> reply = system_.on_call(call)) return *reply;
      }
      return system_.answer(call);
    }
    Sights look_at(const Look& look) override {
      return system_.on_look ? system_.on_look(look) : Client::look_at(look);
    }
    Reply commit(const Commit& commit) override {
      return system_.on_commit ? system_.on_commit(commit) : Client::commit(commit);
    }
    Awaited await(const std::string& node, const std::string& position, Deadline deadline) override {
      return system_.on_await ? system_.on_await(node, position, deadline) : Awaited{Applied::reached};
    }

   private:
    System& system_;
  };

  class FakeBeat final : public Beat {
   public:
    explicit FakeBeat(System& system) : system_(system) { ++system_.beats_open; }
    ~FakeBeat() override { --system_.beats_open; }
    bool write(std::int64_t number, Deadline) override {
      if (system_.on_beat && !system_.on_beat(number)) return false;
      system_.newest_beat_ = number;
      return true;
    }
    std::optional<std::int64_t> visible(const std::string& node, Deadline) override {
      const std::int64_t newest = system_.newest_beat_;
      return system_.on_visible ? system_.on_visible(node, newest) : newest;
    }

   private:
    System& system_;
  };

  Reply answer(const Call& call) {
    const std::lock_guard lock(mutex_);
    Reply reply;
    reply.outcome = Outcome::ok;
    reply.node = call.node;
    if (call.function == Function::write) store_[call.key] = call.value;
    if (call.function == Function::append) {
      Value& list = store_[call.key];
      if (!is_list(list)) list = List{};
      std::get<List>(list).push_back(to_scalar(call.value));
    }
    if (call.function == Function::read) {
      reply.value = store_[call.key];
    } else {
      ++position_;
    }
    reply.version = RecordedVersion{topology_.epoch, position_};
    reply.position = std::to_string(position_);
    return reply;
  }

  mutable std::mutex mutex_;
  Topology topology_;
  std::map<std::string, Value> store_;
  std::int64_t position_ = 0;
  std::atomic<std::int64_t> newest_beat_{0};
};

/// A workload that is a function.
class Life final : public Workload {
 public:
  explicit Life(std::function<void(Session&)> life) : life_(std::move(life)) {}
  void run(Session& session) override { life_(session); }

 private:
  std::function<void(Session&)> life_;
};

/// Something that happens once, which other threads wait for.
class Signal {
 public:
  void raise() {
    const std::lock_guard lock(mutex_);
    raised_ = true;
    changed_.notify_all();
  }
  bool raised() const {
    const std::lock_guard lock(mutex_);
    return raised_;
  }
  /// False if it did not happen by then: a test that fails, not one that is slow.
  bool wait(Duration within = std::chrono::minutes(1)) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return raised_; });
  }
  /// The same for a client that keeps its deadline.
  bool wait_until(Deadline deadline) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [&] { return raised_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool raised_ = false;
};

}  // namespace afterwrite::fake
