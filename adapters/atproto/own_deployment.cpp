#include <fmt/format.h>

#include "adapters/atproto/atproto.hpp"
#include "adapters/atproto/beat.hpp"
#include "adapters/atproto/client.hpp"
#include "adapters/atproto/settling_in.hpp"
#include "adapters/atproto/stack.hpp"
#include "harness/http/url.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

// Twice what it takes on a machine that has nothing else to do, or more.
constexpr auto settles_within = std::chrono::seconds(60);
constexpr auto each_user_within = std::chrono::seconds(2);

// `u1` of `s5` where there are 4 users.
std::string user_of(const std::string& session, std::size_t users) {
  const std::string number = session.starts_with('s') ? session.substr(1) : "";
  const bool plain = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  return plain ? fmt::format("u{}", std::stoull(number) % users) : "u0";
}

class OwnDeployment final : public Deployment {
 public:
  OwnDeployment(const OwnOptions& options, LinkFactory& links)
      : options_(options), links_(links), stack_({.postgres_programs = options.postgres_programs}, links) {
    topology_.nodes = {{pds_node, Role::leader}, {appview_node, Role::follower}};
  }

  void start() override {
    stack_.start(start_stop());
    shared_.pds.url = stack_.pds_url();
    shared_.appview.url = stack_.appview_url();
    shared_.appview_did = stack_.appview_did();
    const Deadline deadline = Clock::now() + settles_within + options_.users * each_user_within;
    beats_ = SettlingIn(shared_, deadline, start_stop()).run(options_.users, options_.newcomers, options_.beyond);
    if (!options_.client_links) return;
    for (Server* const server : {&shared_.pds, &shared_.appview}) {
      const auto origin = http::origin_of(server->url);
      server->options.dial = links_.open({"clients", server == &shared_.pds ? pds_node : appview_node},
                                         Address{"127.0.0.1", origin->port});
    }
  }

  void stop() noexcept override {
    try {
      for (const Node& node : topology_.nodes)
        links_.close({"clients", node.name});
    } catch (...) {
      // A link that stays open ends with its factory.
    }
    stack_.stop();
  }

  Topology topology() const override { return topology_; }

  nlohmann::json describe() const override {
    return {{"system", "atproto"},
            {"kind", "a private Bluesky stack: a PDS, and an App View that is fed by its firehose"},
            {"versions", stack_.versions()},
            {"accounts", options_.users}};
  }

  bool offers(Function function) const override { return function != Function::append; }
  Catalogue catalogue() const override { return bluesky_catalogue(options_.beyond ? Extent::beyond : Extent::own); }

  std::unique_ptr<Client> open_client(const std::string& session) override {
    return std::make_unique<AtprotoClient>(shared_, shared_.users.at(user_of(session, options_.users)));
  }
  std::unique_ptr<Beat> open_beat() override { return std::make_unique<AtprotoBeat>(shared_, *beats_); }

  // Revisions are times: those of one repository sort as they are.
  std::optional<bool> at_least(const std::string& a, const std::string& b) const override { return a >= b; }

  std::optional<LinkName> replication_link(const std::string& node) const override {
    return node == appview_node ? std::optional(Stack::firehose()) : std::nullopt;
  }
  std::optional<LinkName> client_link(const std::string& node) const override {
    return options_.client_links ? std::optional(LinkName{"clients", node}) : std::nullopt;
  }

  std::optional<std::string> refusal(Ability ability, const std::string&) const override {
    switch (ability) {
      case Ability::kill:
      case Ability::restart:
        return std::nullopt;
      case Ability::pause_replay:
        return "the App View cannot be told to stop indexing; hold its firehose instead (--fault hold:appview)";
      case Ability::promote:
        return "an App View is no PDS and cannot take its place";
    }
    return "that cannot be done to it";
  }
  nlohmann::json kill(const std::string& node) override { return stack_.kill(part_of(node)); }
  void restart(const std::string& node) override { stack_.restart(part_of(node)); }
  void pause_replay(const std::string&) override { throw EnvironmentError(*refusal(Ability::pause_replay, "")); }
  void resume_replay(const std::string&) override {}
  nlohmann::json promote() override { throw EnvironmentError(*refusal(Ability::promote, "")); }

  bool healthy(std::string& why) const override { return stack_.healthy(why); }

 private:
  static Stack::Part part_of(const std::string& node) {
    return node == pds_node ? Stack::Part::pds : Stack::Part::appview;
  }

  const OwnOptions options_;
  LinkFactory& links_;
  Stack stack_;
  Topology topology_;
  Shared shared_;
  std::shared_ptr<AuditedAccount> beats_;
};

}  // namespace

std::unique_ptr<Deployment> make_own(const OwnOptions& options, LinkFactory& links) {
  return std::make_unique<OwnDeployment>(options, links);
}

}  // namespace afterwrite::atproto
