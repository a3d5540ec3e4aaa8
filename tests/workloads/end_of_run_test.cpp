// Whenever a run ends, each workload returns at once, having called nothing more than it must.

#include "tests/workloads/fake_session.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite::workloads {
namespace {

using namespace std::chrono_literals;

/// For workloads that need one.
Catalogue small_catalogue() {
  Catalogue catalogue;
  catalogue.views = {{.name = "feed", .node = "n", .kinds = {"post"}, .promised = true}};
  catalogue.deeds = {{.name = "post", .steps = {{.kind = "post"}}}};
  return catalogue;
}

TEST(EndOfRun, EveryWorkloadReturnsAtEveryStep) {
  for (const WorkloadKind& kind : workload_kinds()) {
    for (const Duration longest : {Duration{0s}, Duration{1s}}) {
      for (const Outcome outcome : {Outcome::ok, Outcome::fail, Outcome::info}) {
        for (std::size_t steps = 0; steps < 40; ++steps) {
          FakeSystem system{.now = 0, .state = {}, .catalogue = small_catalogue(), .condition = {}};
          const auto workload = make_workload(kind.name, {.keys = 3, .read_delay = {0s, longest}});
          for (std::size_t ordinal = 0; ordinal < 3; ++ordinal) {
            FakeSession session(system, ordinal, 3, steps);
            session.answer = [&](Operation& operation) { operation.outcome = outcome; };
            workload->run(session);
            EXPECT_EQ(session.steps.size(), steps);
            EXPECT_LE(session.calls_after_the_end, 1) << kind.name << " after " << steps;
          }
        }
      }
    }
  }
}

TEST(EndOfRun, OneSessionAloneIsEnough) {
  for (const WorkloadKind& kind : workload_kinds()) {
    FakeSystem system{.now = 0, .state = {}, .catalogue = small_catalogue(), .condition = {}};
    FakeSession session(system, 0, 1, 100);
    make_workload(kind.name, {.keys = 16})->run(session);
    EXPECT_TRUE(session.operations().front().is_write()) << kind.name;
  }
}

}  // namespace
}  // namespace afterwrite::workloads
