#include "adapters/postgres/beat.hpp"

#include <charconv>
#include <span>

namespace afterwrite::postgres {

std::optional<Answer> PostgresBeat::ask(const std::string& node, const Group& group, Deadline deadline) {
  auto found = connections_.find(node);
  if (found != connections_.end() && !found->second->alive()) {
    connections_.erase(found);
    return std::nullopt;
  }
  if (found == connections_.end()) {
    const auto target = shared_.nodes.direct(node);
    if (!target) return std::nullopt;
    auto attempt = ServerConnection::open(*target, deadline);
    if (!attempt.connection) return std::nullopt;
    found = connections_.emplace(node, std::move(attempt.connection)).first;
  }
  Exchange exchange = found->second->exchange(std::span(&group, 1), deadline);
  if (exchange.failure) connections_.erase(found);
  Answer& answer = exchange.answers.front();
  if (!answer.synced || answer.error || answer.sync_wait_ended || answer.results.empty()) return std::nullopt;
  return std::move(answer);
}

bool PostgresBeat::write(std::int64_t number, Deadline deadline) {
  const std::string leader = shared_.nodes.topology().leader();
  const std::string text = std::to_string(number);
  const Group group{Step{&shared_.statements.local_only, {}}, Step{&shared_.statements.beat, {text.c_str()}}};
  const auto answer = ask(leader, group, deadline);
  return answer && field(answer->results.back(), 0, 0) == "1";
}

std::optional<std::int64_t> PostgresBeat::visible(const std::string& node, Deadline deadline) {
  const auto answer = ask(node, Group{Step{&shared_.statements.read_beat, {}}}, deadline);
  if (!answer) return std::nullopt;
  const auto text = field(answer->results.back(), 0, 0);
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace afterwrite::postgres
