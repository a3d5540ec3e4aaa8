#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <stop_token>

#include "adapters/atproto/atproto.hpp"
#include "adapters/atproto/client.hpp"
#include "adapters/atproto/settling_in.hpp"
#include "adapters/atproto/tidying_up.hpp"
#include "harness/http/url.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/last_words.hpp"

namespace afterwrite::atproto {
namespace {

constexpr auto settles_within = std::chrono::seconds(60);
constexpr auto between_calls = std::chrono::milliseconds(200);

class ForeignDeployment final : public Deployment {
 public:
  ForeignDeployment(const ForeignOptions& options, LinkFactory& links) : options_(options), links_(links) {
    const auto origin = http::origin_of(options.url);
    if (!origin || http::has_credentials(options.url)) {
      throw UsageError("--service: write the URL of your PDS without a user or password, e.g. https://pds.example.com");
    }
    if (options.handle.empty())
      throw UsageError("--handle: name the account to write with, e.g. --handle throwaway.example.com");
    shared_.pds.url = options.url;
    while (shared_.pds.url.ends_with('/'))
      shared_.pds.url.pop_back();
    shared_.pds.pace = std::make_shared<Pace>(between_calls);
    shared_.writes_left = options.most_records;
    if (const char* password = std::getenv(password_variable)) password_ = password;
    if (password_.empty()) {
      throw UsageError(fmt::format("{}: is not set; put an app password of {} into this environment variable",
                                   password_variable, options_.handle));
    }
  }

  void start() override {
    SettlingIn settling_in(shared_, Clock::now() + settles_within, start_stop());
    account_ = settling_in.log_in(options_.handle, password_);
    last_words_.emplace([this] { return left_behind(*account_, "the run was ended at once"); });
    settling_in.furnish(account_);
    if (!options_.client_links) return;
    const auto origin = http::origin_of(shared_.pds.url);
    shared_.pds.options.dial = links_.open({"clients", pds_node}, Address{origin->host, origin->port});
  }

  void stop() noexcept override {
    try {
      if (options_.client_links) links_.close({"clients", pds_node});
      if (account_ == nullptr) return;
      shared_.pds.options.dial.reset();
      // A run that was interrupted is tidied up after all the same; a signal that comes now is about the tidying up.
      std::stop_source end;
      std::optional<std::stop_callback<std::function<void()>>> on_signal;
      if (!start_stop().stop_requested()) on_signal.emplace(start_stop(), [&end] { end.request_stop(); });
      const std::string left = tidy_up(shared_.pds, *account_, end.get_token());
      std::fputs(left.c_str(), stderr);
      last_words_.reset();
    } catch (...) {
      // Memory ran out; there is none to say more with.
    }
  }

  Topology topology() const override { return {.nodes = {{pds_node, Role::leader}}, .epoch = 0}; }

  nlohmann::json describe() const override {
    return {
        {"system", "atproto"},
        {"kind", "a PDS of the user's"},
        {"service", shared_.pds.url},
        {"handle", options_.handle},
        {"most_records", options_.most_records},
        {"notes",
         {"of a PDS that is not ours the App View's lag is not known: reads at risk are counted from what was seen"}}};
  }

  bool offers(Function function) const override { return function != Function::append; }
  Catalogue catalogue() const override { return bluesky_catalogue(Extent::foreign); }
  std::unique_ptr<Client> open_client(const std::string&) override {
    return std::make_unique<AtprotoClient>(shared_, account_);
  }
  std::unique_ptr<Beat> open_beat() override { return nullptr; }
  std::optional<bool> at_least(const std::string& a, const std::string& b) const override { return a >= b; }
  std::optional<LinkName> replication_link(const std::string&) const override { return std::nullopt; }
  std::optional<LinkName> client_link(const std::string& node) const override {
    return options_.client_links ? std::optional(LinkName{"clients", node}) : std::nullopt;
  }
  std::optional<std::string> refusal(Ability, const std::string&) const override {
    return "of a PDS that is not ours only the sessions' own links may be cut";
  }
  nlohmann::json kill(const std::string&) override { throw EnvironmentError(*refusal(Ability::kill, "")); }
  void restart(const std::string&) override {}
  void pause_replay(const std::string&) override { throw EnvironmentError(*refusal(Ability::pause_replay, "")); }
  void resume_replay(const std::string&) override {}
  nlohmann::json promote() override { throw EnvironmentError(*refusal(Ability::promote, "")); }
  bool healthy(std::string&) const override { return true; }

 private:
  const ForeignOptions options_;
  LinkFactory& links_;
  std::string password_;
  Shared shared_;
  std::shared_ptr<AuditedAccount> account_;
  std::optional<LastWords> last_words_;
};

}  // namespace

std::unique_ptr<Deployment> make_foreign(const ForeignOptions& options, LinkFactory& links) {
  return std::make_unique<ForeignDeployment>(options, links);
}

}  // namespace afterwrite::atproto
