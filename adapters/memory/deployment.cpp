#include <algorithm>

#include "adapters/memory/client.hpp"
#include "adapters/memory/memory.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::memory {
namespace {

class MemoryDeployment final : public Deployment {
 public:
  explicit MemoryDeployment(const Settings& settings)
      : settings_(settings), cluster_(std::make_shared<Cluster>(settings)) {}

  void start() override {}
  void stop() noexcept override {}

  Topology topology() const override { return cluster_->topology(); }

  nlohmann::json describe() const override {
    nlohmann::json nodes = nlohmann::json::array();
    nodes.push_back({{"name", "node-0"}, {"role", "leader"}});
    for (std::size_t i = 0; i < settings_.lag.size(); ++i) {
      const double lag_ms = std::chrono::duration<double, std::milli>(settings_.lag[i]).count();
      nodes.push_back({{"name", "node-" + std::to_string(i + 1)}, {"role", "follower"}, {"lag_ms", lag_ms}});
    }
    return {{"nodes", nodes},
            {"options",
             {{"bug", to_string(settings_.bug)},
              {"sync", settings_.sync_all ? "all" : "off"},
              {"versions", settings_.versions ? "on" : "off"},
              {"latency", format_duration(settings_.latency)}}}};
  }

  std::unique_ptr<Client> open_client(const std::string& session) override {
    return std::make_unique<MemoryClient>(cluster_, settings_.bug, session, settings_.seed);
  }
  std::unique_ptr<Beat> open_beat() override { return std::make_unique<MemoryBeat>(cluster_); }

  std::optional<bool> at_least(const std::string& a, const std::string& b) const override {
    const auto first = parse_position(a);
    const auto second = parse_position(b);
    if (!first || !second) return std::nullopt;
    return *first >= *second;
  }

  std::optional<LinkName> replication_link(const std::string&) const override { return std::nullopt; }
  std::optional<LinkName> client_link(const std::string&) const override { return std::nullopt; }

  std::optional<std::string> refusal(Ability ability, const std::string& node) const override {
    const Topology topology = cluster_->topology();
    const std::vector<std::string> followers = topology.followers();
    if (ability == Ability::promote) {
      if (!followers.empty()) return std::nullopt;
      return "the memory system has no follower that could be promoted: give --followers 1 or more";
    }
    const auto known =
        std::find_if(topology.nodes.begin(), topology.nodes.end(), [&](const Node& each) { return each.name == node; });
    if (known == topology.nodes.end()) {
      std::vector<std::string> names;
      for (const Node& each : topology.nodes)
        names.push_back(each.name);
      return "the memory system has no node '" + node + "'" + known_names_hint(node, names);
    }
    if (known->role == Role::unknown) return node + " is gone for good: " + topology.leader() + " leads in its place";
    if (ability == Ability::pause_replay && node == topology.leader()) {
      return node + " is the leader and replays nothing: pause the replay of a follower";
    }
    return std::nullopt;
  }

  nlohmann::json kill(const std::string& node) override {
    cluster_->kill(node);
    return {{"node", node}, {"reaped", true}};
  }
  void restart(const std::string& node) override { cluster_->restart(node); }
  void pause_replay(const std::string& node) override { cluster_->pause_replay(node); }
  void resume_replay(const std::string& node) override { cluster_->resume_replay(node); }

  nlohmann::json promote() override {
    const Promotion promotion = cluster_->promote();
    return {{"promoted", promotion.node},
            {"beat", promotion.beat},
            {"epoch", promotion.epoch},
            {"lost_entries", promotion.lost},
            {"accepted_write", true}};
  }

  bool healthy(std::string&) const override { return true; }

 private:
  const Settings settings_;
  std::shared_ptr<Cluster> cluster_;
};

}  // namespace

std::unique_ptr<Deployment> make_memory(const MemoryOptions& options) {
  return std::make_unique<MemoryDeployment>(parse_settings(options));
}

}  // namespace afterwrite::memory
