#include "adapters/exec/conversation.hpp"

#include <fmt/format.h>

namespace afterwrite::exec {
namespace {

Conversation::Result not_sent(std::string why, Connection connection) {
  return {{Exchange::Came::nothing_sent, {}, std::move(why)}, connection};
}

}  // namespace

Conversation::Result Conversation::ask(const std::string& node, const Request& request, Deadline deadline,
                                       AdapterProcess::Silence silence) {
  if (Clock::now() >= deadline) return not_sent("the deadline passed before anything was sent", Connection::usable);
  if (process_ && !process_->alive()) process_.reset();
  try {
    if (!process_) process_ = std::make_unique<AdapterProcess>(adapter_, session_);
  } catch (const ProcessError& error) {
    return not_sent(error.what(), Connection::refused);
  }
  if (Result opened = open(node, deadline); !opened.exchange.answered()) return opened;
  Result result{process_->ask(request, deadline, silence), Connection::usable};
  if (!process_->alive()) result.connection = Connection::lost;
  return result;
}

/// Whatever comes of this, the request itself has not been sent.
Conversation::Result Conversation::open(const std::string& node, Deadline deadline) {
  if (process_->is_open(node)) return {{Exchange::Came::answer, {}, {}}, Connection::usable};
  const Exchange exchange = process_->ask(open_request(session_, node), deadline);
  if (!exchange.answered()) return not_sent(exchange.error, Connection::lost);
  try {
    if (type_of(exchange.answer) != AnswerType::ok) {
      return not_sent(fmt::format("{} was not opened: {}", node, reason_of(exchange.answer)), Connection::refused);
    }
  } catch (const Breach& breach) {
    return not_sent(give_up(breach), Connection::lost);
  }
  process_->opened(node);
  return {exchange, Connection::usable};
}

std::string Conversation::give_up(const Breach& breach) {
  return process_->give_up(fmt::format("the adapter broke the protocol, and was killed: {}", breach.what()));
}

std::optional<pid_t> Conversation::pid() const {
  if (!process_ || !process_->alive()) return std::nullopt;
  return process_->pid();
}

}  // namespace afterwrite::exec
