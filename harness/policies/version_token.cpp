#include "harness/policies/kinds.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::policies {
namespace {

constexpr Duration usual_wait = std::chrono::seconds(1);

class VersionToken final : public ReadPolicy {
 public:
  explicit VersionToken(Duration wait) : wait_(wait) {}

  std::string name() const override { return "version-token:wait=" + format_duration(wait_); }

  std::optional<ReadPlan> plan(const SessionKnowledge& session, const Topology& topology, Clock::time_point,
                               Random& random) const override {
    std::optional<std::string> follower = any_follower(topology, random);
    if (!follower) return std::nullopt;
    // Nothing written and nothing read yet: nothing is owed, so any follower will do.
    if (session.token.empty()) return ReadPlan{.node = std::move(*follower)};
    return ReadPlan{.node = std::move(*follower), .await = session.token, .wait = wait_};
  }

  std::optional<std::string> refusal(const Topology& topology) const override {
    return refusal_without_followers(topology, name());
  }

 private:
  Duration wait_;
};

}  // namespace

std::unique_ptr<ReadPolicy> make_version_token(const Parameters& parameters) {
  if (!parameters.text) return std::make_unique<VersionToken>(usual_wait);
  const std::string policy = "read policy '" + std::string(parameters.policy) + "'";
  const std::size_t equals = parameters.text->find('=');
  if (equals == std::string_view::npos) {
    throw UsageError(policy + ": '" + std::string(*parameters.text) + "' is no parameter: write version-token:wait=1s");
  }
  const std::string_view parameter = parameters.text->substr(0, equals);
  if (parameter != "wait") {
    throw UsageError(policy + ": unknown parameter '" + std::string(parameter) + "'" +
                     known_names_hint(parameter, {"wait"}));
  }
  return std::make_unique<VersionToken>(parse_duration(parameters.text->substr(equals + 1), "'wait' of " + policy));
}

}  // namespace afterwrite::policies
