#include "workloads/observing.hpp"

#include "workloads/pace.hpp"

namespace afterwrite::workloads {
namespace {

/// From 10 to 30 ms: observers that read in step would all see the same moments.
Duration between_reads(Random& random) {
  return std::chrono::microseconds(std::uniform_int_distribution<int>(10'000, 30'000)(random));
}

std::size_t reads_of_one_key(const Observing& observing, Random& random) {
  if (std::bernoulli_distribution(observing.single_reads)(random)) return 1;
  return std::uniform_int_distribution<std::size_t>(observing.shortest_stay, observing.longest_stay)(random);
}

}  // namespace

void observe(Session& session, const FreshKeys& fresh, const Observing& observing) {
  Random& random = session.random();
  while (session.running()) {
    const std::optional<std::string> key = fresh.pick(random);
    if (!key) {
      session.pause(between_reads(random));
      continue;
    }
    const std::size_t reads = reads_of_one_key(observing, random);
    for (std::size_t i = 0; i < reads; ++i) {
      const Operation read = observing.lists ? session.read_list(*key) : session.read(*key);
      if (!settle(session, read)) return;
      if (observing.paced && !session.pause(between_reads(random))) return;
    }
  }
}

}  // namespace afterwrite::workloads
