#include "harness/cli/dry_run.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/cli/streams.hpp"
#include "harness/faults/nemesis.hpp"
#include "harness/history/text.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {

namespace {

constexpr std::size_t shown_bytes = 300;

struct Running {
  Deployment& deployment;
  ~Running() { deployment.stop(); }
};

/// What was made of an answer: `ok, value s0-1, position 17, by node-1`.
std::string told(const Call& call, const Reply& reply) {
  std::string text = fmt::format("= {}", to_string(reply.outcome));
  const auto add = [&](std::string_view name, const std::string& what) {
    if (!what.empty()) text += fmt::format(", {} {}", name, visible_text(what, shown_bytes));
  };
  if (call.function == Function::read && reply.outcome == Outcome::ok) add("value", display(reply.value, shown_bytes));
  if (reply.version) add("version", std::to_string(reply.version->version));
  add("position", reply.position);
  add("node", reply.node.empty() ? call.node : reply.node);
  if (reply.outcome != Outcome::ok)
    text += fmt::format(": {}", visible_text(reply.error.empty() ? "it gave no reason" : reply.error, shown_bytes));
  return text + "\n";
}

/// Before anything is started where the nodes are known, and once they are: what an audit would refuse.
void refuse_what_an_audit_refuses(const ReadPolicy& policy, Deployment& deployment, const DryRunPlan& plan) {
  if (const auto why = policy.refusal(deployment.topology())) throw UsageError(*why);
  Nemesis(plan.faults, deployment, plan.proxy, RunClock{}, {}).check();
}

/// One beat is written and read at each node. False, and said, if an audit could not measure the lag by them.
bool try_beats(const Scenario& scenario, Deployment& deployment) {
  const auto beat = deployment.open_beat();
  if (!beat) return true;
  constexpr std::int64_t number = 1;
  const Topology topology = deployment.topology();
  print(fmt::format("\nbeat {} to {}\n", number, topology.leader()));
  const bool written = beat->write(number, Clock::now() + scenario.op_timeout);
  print(written ? "= acknowledged\n" : "= not acknowledged\n");
  std::optional<std::int64_t> at_leader;
  for (const Node& node : topology.nodes) {
    print(fmt::format("\nbeat at {}\n", node.name));
    const auto shown = beat->visible(node.name, Clock::now() + scenario.op_timeout);
    print(!shown ? "= no number\n" : *shown == 0 ? std::string("= none yet\n") : fmt::format("= {}\n", *shown));
    if (node.name == topology.leader()) at_leader = shown;
  }
  if (written && at_leader == number) return true;
  print(fmt::format(
      "\nThe beat was {}, and {} {}: by such beats no lag can be measured. Are what is written and what is read the "
      "same thing?\n",
      written ? "written" : "not acknowledged", topology.leader(),
      !at_leader        ? "gives no number"
      : *at_leader == 0 ? std::string("shows none")
                        : fmt::format("shows {}", *at_leader)));
  return false;
}

bool shows(const Value& read, const Value& written) {
  const auto* list = std::get_if<List>(&read);
  if (list == nullptr) return read == written;
  return std::find(list->begin(), list->end(), to_scalar(written)) != list->end();
}

}  // namespace

ExitCode dry_run(const Scenario& scenario, Deployment& deployment, const ReadPolicy& policy, const DryRunPlan& asked) {
  const bool lists = asked.lists;
  if (!deployment.topology().nodes.empty()) refuse_what_an_audit_refuses(policy, deployment, asked);
  const Running running{deployment};
  deployment.start();
  const Topology topology = deployment.topology();
  refuse_what_an_audit_refuses(policy, deployment, asked);
  deployment.trace([](const std::string& line) { print(line + "\n"); });
  const auto client = deployment.open_client("s0");

  Call write{.function = lists ? Function::append : Function::write,
             .key = "k1",
             .value = std::string("s0-1"),
             .list = lists,
             .node = topology.leader(),
             .deadline = {}};
  print(fmt::format("{} {} to {} at {}\n", to_string(write.function), display(write.value), write.key, write.node));
  write.deadline = Clock::now() + scenario.op_timeout;
  const Reply wrote = client->call(write);
  print(told(write, wrote));

  SessionKnowledge knowledge;
  if (wrote.outcome == Outcome::ok) {
    knowledge.last_acknowledged_write = Clock::now();
    knowledge.token = wrote.position;
  }
  Random random(scenario.seed.value_or(0));
  const auto plan = policy.plan(knowledge, topology, Clock::now(), random);
  if (!plan) throw UsageError(fmt::format("the read policy {} finds no node that could serve", policy.name()));
  Call read{.function = Function::read, .key = "k1", .value = {}, .list = lists, .node = plan->node, .deadline = {}};
  print(fmt::format("\nread {} at {}\n", read.key, read.node));
  if (!plan->await.empty() &&
      !(client->await(plan->node, plan->await, Clock::now() + plan->wait) == Applied::reached)) {
    read.node = topology.leader();
    print(fmt::format("{} has not reached {} in time: at {} instead\n", plan->node, plan->await, read.node));
  }
  read.deadline = Clock::now() + scenario.op_timeout;
  const Reply answer = client->call(read);
  print(told(read, answer));
  const bool beats = try_beats(scenario, deployment);

  if (wrote.outcome != Outcome::ok || answer.outcome != Outcome::ok) {
    print("\nAn audit would show nothing like this: a write and a read have to be ok.\n");
    return ExitCode::unknown;
  }
  if (!shows(answer.value, write.value)) {
    print(
        "\nThe read did not return what was written: it was served by a replica that lags, or what is read stands "
        "elsewhere.\n");
    return ExitCode::unknown;
  }
  print("\nThe read returned what was written.\n");
  return beats ? ExitCode::held : ExitCode::unknown;
}

}  // namespace afterwrite
