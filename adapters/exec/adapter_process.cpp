#include "adapters/exec/adapter_process.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/history/text.hpp"
#include "harness/session/duration.hpp"

namespace afterwrite::exec {
namespace {

constexpr std::size_t longest_line = std::size_t{16} * 1024 * 1024;
constexpr std::size_t shown_bytes = 120;
constexpr std::size_t logged_bytes = 2000;
// For one that was asked for nothing more.
constexpr Duration end_within = std::chrono::seconds(1);

Command command_of(const Adapter& adapter) {
  Command command;
  command.program = adapter.program;
  command.arguments.assign(adapter.options.command.begin() + 1, adapter.options.command.end());
  return command;
}

std::string unasked(const std::string& said) {
  return fmt::format(
      "the adapter broke the protocol, and was killed: '{}' came unasked; expected one answer to each request, and "
      "nothing between",
      shortened_text(said, shown_bytes));
}

Exchange nothing_sent(std::string why) {
  return {Exchange::Came::nothing_sent, {}, std::move(why)};
}

}  // namespace

AdapterProcess::AdapterProcess(const Adapter& adapter, const std::string& session)
    : adapter_(adapter),
      who_(session),
      errors_(adapter.log, session),
      started_(Clock::now()),
      child_(command_of(adapter), longest_line, [this](std::string_view text) { errors_.take(text); }) {
  send(hello_request(adapter.run, adapter.options.config), started_ + adapter.options.start_within);
}

AdapterProcess::~AdapterProcess() {
  try {
    if (alive_ && !open_request_) child_.finish(end_within);
  } catch (...) {
    // Out of memory or descriptors: the child's own destructor kills it.
  }
}

std::string AdapterProcess::said_on_stderr() const {
  const std::string tail = errors_.tail();
  return tail.empty() ? "" : fmt::format("; its stderr ends: {}", tail);
}

std::string AdapterProcess::give_up(const std::string& why) {
  alive_ = false;
  child_.kill();
  adapter_.log.write(who_, fmt::format("afterwrite ended the process {}: {}; the last request was {}", child_.pid(),
                                       visible_text(why, logged_bytes), visible_text(last_request_, logged_bytes)));
  return fmt::format("{}{}", why, said_on_stderr());
}

// Its stdout is closed: most likely it is about to end.
std::string AdapterProcess::how_it_ended(Deadline deadline) {
  const auto status = child_.ended(std::min<Deadline>(deadline, Clock::now() + end_within));
  if (!status) return "the adapter closed its stdout; expected an answer to each request there";
  return fmt::format("the adapter's process ended ({}); expected it to run until its stdin ends", status->describe());
}

std::optional<std::string> AdapterProcess::send(const Request& request, Deadline deadline) {
  const auto line = as_line(request, id_ + 1, deadline);
  if (!line) return "a key or value that is no UTF-8 cannot be told to an adapter";
  ++id_;
  last_request_ = *line;
  child_.send(*line);
  open_request_ = true;
  return std::nullopt;
}

Exchange AdapterProcess::ask(const Request& request, Deadline deadline, Silence silence) {
  if (auto problem = settle(deadline)) return nothing_sent(*problem);
  if (!child_.quiet()) {
    const std::string said(child_.unheard(shown_bytes));
    return nothing_sent(give_up(said.empty() ? how_it_ended(deadline) : unasked(said)));
  }
  if (auto problem = send(request, deadline)) return nothing_sent(*problem);
  return listen(deadline, silence);
}

std::optional<std::string> AdapterProcess::settle(Deadline deadline) {
  if (!open_request_) return std::nullopt;
  if (capabilities_) {
    const Exchange late = listen(deadline, Silence::kills);
    return late.answered() ? std::nullopt : std::optional(late.error);
  }
  const Deadline start_by = started_ + adapter_.options.start_within;
  const Exchange hello =
      listen(std::min(deadline, start_by), deadline < start_by ? Silence::is_waited_out : Silence::kills);
  if (!hello.answered()) {
    if (alive_) return "the adapter is still starting: no answer to hello yet";
    const bool late = Clock::now() >= start_by;
    return fmt::format(
        "no hello{}: {}",
        late ? fmt::format(" within {} (--opt start-within)", format_duration(adapter_.options.start_within)) : "",
        hello.error);
  }
  try {
    capabilities_ = to_capabilities(hello.answer);
    if (adapter_.capabilities && *adapter_.capabilities != *capabilities_) {
      throw Breach(fmt::format(
          "this process answers hello with {}, which is not what the first one answered; expected the same from "
          "all of a run",
          shortened_text(hello.answer.dump(), shown_bytes)));
    }
    return std::nullopt;
  } catch (const Breach& breach) {
    return give_up(fmt::format("hello: {}", breach.what()));
  } catch (const Refused& refused) {
    return give_up(fmt::format("the adapter answered hello with fail: {}", refused.what()));
  }
}

Exchange AdapterProcess::listen(Deadline deadline, Silence silence) {
  const auto broken = [&](const std::string& why) {
    const auto came = child_.begun() ? Exchange::Came::unsure : Exchange::Came::nothing_sent;
    return Exchange{came, {}, give_up(why)};
  };
  std::string line;
  switch (child_.hear(line, deadline)) {
    case PipedChild::Heard::silence:
      if (silence == Silence::is_waited_out) return {Exchange::Came::unsure, {}, "no answer yet"};
      return broken(child_.begun() ? "the adapter gave no answer by the deadline, and was killed"
                                   : "the adapter reads nothing from its stdin, and was killed");
    case PipedChild::Heard::ended:
      return broken(how_it_ended(deadline));
    case PipedChild::Heard::too_long:
      return broken(fmt::format(
          "the adapter wrote more than {} MiB to stdout without a line's end, and was killed; expected one JSON "
          "object in each line",
          longest_line / 1024 / 1024));
    case PipedChild::Heard::line:
      break;
  }
  open_request_ = false;
  try {
    Exchange exchange{Exchange::Came::answer, parse_answer(line, id_), {}};
    // Two answers may say two things, and which one is true nobody knows.
    if (const std::string more(child_.unheard(shown_bytes)); !more.empty()) return broken(unasked(more));
    return exchange;
  } catch (const Breach& breach) {
    return broken(fmt::format("the adapter broke the protocol, and was killed: {}", breach.what()));
  }
}

}  // namespace afterwrite::exec
