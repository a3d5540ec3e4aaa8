#include "adapters/http/client.hpp"

#include <fmt/format.h>

#include "adapters/http/outcomes.hpp"

namespace afterwrite::http {
namespace {

const WriteAction* action_of(const Description& description, Function function) {
  const auto& action = function == Function::write    ? description.write
                       : function == Function::append ? description.append
                                                      : description.remove;
  return action ? &*action : nullptr;
}

}  // namespace

std::string log_in(const Shared& shared, SessionState& session, Wire& wire, Deadline deadline,
                   afterwrite::Connection& connection) {
  if (session.logged_in) return {};
  const LogIn& login = *shared.description.session.login;
  const Exchange exchange = wire.send_login(shared.leader, login.request, session.places(), deadline);
  connection = connection_after(exchange);
  std::string problem;
  // What was not found is somewhere else in it.
  Answered answered(exchange.answer, [](std::string_view) { return "(left out: it may hold credentials)"; });
  for (const auto& [name, extraction] : login.capture) {
    const Found<std::string> found = text_in(answered, extraction);
    if (found.what)
      session.captured[name] = *found.what;
    else
      problem = fmt::format("the login's answer holds nothing for {{{}}}: {}", name, found.problem);
  }
  // Only now is it known what of the answer must not be shown.
  wire.tell_answer(exchange);
  if (exchange.failure) return fmt::format("the login had no answer: {}", failure_text(exchange));
  if (!is_success(exchange.answer.status) && !login.success.contains(exchange.answer.status)) {
    const Redact redact = [&](std::string_view text) { return session.masked(text, shared.description.secrets); };
    return fmt::format("the login failed: {}", status_text(exchange.answer, redact));
  }
  session.logged_in = problem.empty();
  return problem;
}

HttpClient::HttpClient(const Shared& shared, std::shared_ptr<SessionState> session)
    : shared_(shared),
      session_(std::move(session)),
      wire_(shared.description, shared.routes, shared.trace, *session_),
      shown_([this](std::string_view text) { return session_->masked(text, shared_.description.secrets); }) {}

Reply HttpClient::call(const Call& call) {
  const bool reads = call.function == Function::read;
  const WriteAction* action = reads ? nullptr : action_of(shared_.description, call.function);
  Reply reply;
  reply.node = call.node;
  if (!reads && action == nullptr) {
    reply.outcome = Outcome::fail;
    reply.error = fmt::format("{} describes no '{}'", shared_.description.file, to_string(call.function));
    return reply;
  }
  // Nothing of the operation is sent before the session is logged in.
  const std::string problem = log_in(shared_, *session_, wire_, call.deadline, reply.connection);
  if (!problem.empty()) {
    reply.outcome = Outcome::fail;
    reply.error = problem;
  } else {
    reply = reads ? read(call, *shared_.description.read) : write(call, *action);
  }
  finish(reply, !reads);
  return reply;
}

Reply HttpClient::write(const Call& call, const WriteAction& action) {
  Places places = session_->places();
  places["key"] = call.key;
  if (!is_null(call.value)) places["value"] = to_scalar(call.value);
  const Exchange exchange = wire_.send(call.node, action.request, places, call.deadline, action.position_header);
  Reply reply;
  reply.node = call.node;
  reply.connection = connection_after(exchange);
  Judged judged = judge_write(exchange, action, shown_);
  reply.outcome = judged.outcome;
  reply.error = std::move(judged.why);
  if (reply.outcome != Outcome::ok) return reply;
  Answered answered(exchange.answer, shown_);
  const std::string lacks = take_common(action, answered, reply);
  if (!lacks.empty()) {
    // What it owes its session is not known to the session: in doubt.
    reply.outcome = Outcome::info;
    reply.error = "the write was acknowledged, but " + lacks;
  }
  return reply;
}

Reply HttpClient::read(const Call& call, const ReadAction& action) {
  Places places = session_->places();
  places["key"] = call.key;
  const Exchange exchange =
      wire_.send_following(call.node, action.request, places, call.deadline, action.position_header);
  Reply reply;
  reply.node = call.node;
  reply.connection = connection_after(exchange);
  Judged judged = judge_read(exchange, action, shown_);
  reply.outcome = judged.outcome;
  reply.error = std::move(judged.why);
  if (reply.outcome != Outcome::ok) return reply;
  Answered answered(exchange.answer, shown_);
  const auto fail = [&](std::string why) {
    reply.outcome = Outcome::fail;
    reply.error = std::move(why);
  };
  if (action.absent.contains(exchange.answer.status)) {
    // An error's answer need not have more than its status.
    take_common(action, answered, reply);
    return reply;
  }
  const std::string lacks = take_common(action, answered, reply);
  if (!lacks.empty()) fail(lacks);
  Found<Value> value = value_of(answered, action.value, call.list);
  if (value.what)
    reply.value = std::move(*value.what);
  else
    fail(value.problem);
  return reply;
}

std::string HttpClient::take_common(const Action& action, Answered& answered, Reply& reply) const {
  std::string lacks;
  if (action.node) {
    // Who served is worth knowing, but nothing hangs on it.
    if (const auto node = text_in(answered, *action.node); node.what) reply.node = *node.what;
  }
  if (action.position) {
    const auto position = text_in(answered, *action.position);
    if (position.what)
      reply.position = *position.what;
    else
      lacks = fmt::format("without the 'position' that is described: {}", position.problem);
  }
  if (action.version) {
    const auto version = number_in(answered, *action.version);
    if (version.what)
      reply.version = RecordedVersion{.epoch = 0, .version = *version.what};
    else
      lacks = fmt::format("without the 'version' that is described: {}", version.problem);
  }
  return lacks;
}

// The session goes by what was said; a history gets it without secrets.
void HttpClient::finish(Reply& reply, bool written) const {
  if (reply.outcome == Outcome::ok) session_->position.learn(reply.position, written);
  const Secrets& secrets = shared_.description.secrets;
  reply.error = session_->masked(reply.error, secrets);
  reply.position = secrets.recorded(reply.position);
  reply.node = secrets.recorded(reply.node);
  if (auto* text = std::get_if<std::string>(&reply.value)) *text = session_->recorded_value(*text, secrets);
  if (auto* list = std::get_if<List>(&reply.value)) {
    for (Scalar& element : *list) {
      if (auto* part = std::get_if<std::string>(&element)) *part = session_->recorded_value(*part, secrets);
    }
  }
}

Awaited HttpClient::await(const std::string&, const std::string&, Deadline) {
  return {Applied::reached};
}

}  // namespace afterwrite::http
