#include "adapters/exec/client.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace afterwrite::exec {
namespace {

// What an answer to a wait may take on its way, so that it is here by the deadline.
constexpr Duration way_back = std::chrono::milliseconds(20);

std::string functions_of(const Capabilities& adapter) {
  std::string names;
  for (const Function function : adapter.functions)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(function));
  return names;
}

Outcome outcome_of(Exchange::Came came) {
  return came == Exchange::Came::nothing_sent ? Outcome::fail : Outcome::info;
}

}  // namespace

Reply ExecClient::call(const Call& call) {
  Reply reply;
  reply.node = call.node;
  if (!adapter_.capabilities->functions.contains(call.function)) {
    reply.outcome = Outcome::fail;
    reply.error = fmt::format("the adapter has no '{}'; it said that it has {}", to_string(call.function),
                              functions_of(*adapter_.capabilities));
    return reply;
  }
  const auto [exchange, connection] =
      conversation_.ask(call.node, invoke_request(call, adapter_.key(call.key)), call.deadline);
  reply.connection = connection;
  if (!exchange.answered()) {
    reply.outcome = outcome_of(exchange.came);
    reply.error = exchange.error;
    return reply;
  }
  try {
    read_reply(exchange.answer, call, *adapter_.capabilities, reply);
  } catch (const Breach& breach) {
    reply = Reply{};
    reply.node = call.node;
    reply.outcome = Outcome::info;
    reply.connection = Connection::lost;
    reply.error = conversation_.give_up(breach);
  }
  return reply;
}

Awaited ExecClient::await(const std::string& node, const std::string& position, Deadline deadline) {
  if (!adapter_.capabilities->waits) return {Applied::incomparable};
  const Applied first = look(node, position, Duration{0}, deadline);
  if (first != Applied::not_yet) return {first};
  const Duration left = deadline - Clock::now();
  const Duration patience = left - std::min(left / 4, way_back);
  if (patience < std::chrono::milliseconds(1)) return {Applied::not_yet, true};
  return {look(node, position, patience, deadline), true};
}

Applied ExecClient::look(const std::string& node, const std::string& position, Duration patience, Deadline deadline) {
  // A wait that ends a little late is no reason to lose the process.
  const auto [exchange, connection] = conversation_.ask(node, await_request(node, position, patience), deadline,
                                                        AdapterProcess::Silence::is_waited_out);
  if (!exchange.answered()) {
    const bool waiting = exchange.came == Exchange::Came::unsure && connection == Connection::usable;
    return waiting ? Applied::not_yet : Applied::unreachable;
  }
  try {
    switch (type_of(exchange.answer)) {
      case AnswerType::ok:
        return Applied::reached;
      case AnswerType::fail:
        return Applied::not_yet;
      case AnswerType::incomparable:
        return Applied::incomparable;
      case AnswerType::info:
        return Applied::unreachable;
    }
  } catch (const Breach& breach) {
    conversation_.give_up(breach);
  }
  return Applied::unreachable;
}

ExecBeat::ExecBeat(const Adapter& adapter)
    : key_(adapter.key("beat")),
      leader_(Topology{.nodes = adapter.capabilities->nodes, .epoch = 0}.leader()),
      conversation_(adapter, "beat") {}

bool ExecBeat::write(std::int64_t number, Deadline deadline) {
  const auto result = conversation_.ask(leader_, beat_write_request(leader_, key_, number), deadline);
  if (!result.exchange.answered()) return false;
  try {
    return type_of(result.exchange.answer) == AnswerType::ok;
  } catch (const Breach& breach) {
    conversation_.give_up(breach);
    return false;
  }
}

std::optional<std::int64_t> ExecBeat::visible(const std::string& node, Deadline deadline) {
  const auto result = conversation_.ask(node, beat_read_request(node, key_), deadline);
  if (!result.exchange.answered()) return std::nullopt;
  try {
    if (type_of(result.exchange.answer) != AnswerType::ok) return std::nullopt;
    return to_beat(result.exchange.answer);
  } catch (const Breach& breach) {
    conversation_.give_up(breach);
    return std::nullopt;
  }
}

}  // namespace afterwrite::exec
