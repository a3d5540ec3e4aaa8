#include <algorithm>

#include "workloads/fresh_keys.hpp"
#include "workloads/keys.hpp"
#include "workloads/kinds.hpp"
#include "workloads/observing.hpp"
#include "workloads/pace.hpp"
#include "workloads/parts.hpp"

namespace afterwrite::workloads {
namespace {

/// A key is the score of a match. Each match has one scorer, who writes it and looks once at what stands there;
/// everybody else keeps refreshing one match for a while. A score that goes backwards is the monotonic-reads breach
/// that everyone knows.
class Score final : public Workload {
 public:
  explicit Score(const WorkloadSettings& settings) : delay_(settings.read_delay), keys_(settings.keys) {}

  void run(Session& session) override {
    // One session in four keeps scores, so that there are many readers; no scorer is without a match of his own.
    const std::size_t scorers = std::clamp<std::size_t>(session.count() / 4, 1, keys_);
    if (session.ordinal() >= scorers) {
      observe(session, fresh_,
              Observing{.paced = !delay_.none(), .single_reads = 0, .shortest_stay = 10, .longest_stay = 40});
      return;
    }
    const std::vector<std::size_t> matches = keys_of(session.ordinal(), scorers, keys_);
    for (std::size_t turn = 0; session.running(); ++turn)
      update(session, key_name(matches[turn % matches.size()]));
  }

 private:
  void update(Session& session, const std::string& match) {
    const Operation write = session.write(match, session.next_value());
    if (write.outcome == Outcome::fail) {
      settle(session, write);
      return;
    }
    fresh_.post(match, write.complete);
    if (pause_for(session, delay_.draw(session.random()))) settle(session, session.read(match));
  }

  ReadDelay delay_;
  std::size_t keys_;
  FreshKeys fresh_;
};

}  // namespace

std::unique_ptr<Workload> make_score(const Parameters& parameters, const WorkloadSettings& settings) {
  expect_none(parameters);
  return std::make_unique<Score>(settings);
}

}  // namespace afterwrite::workloads
