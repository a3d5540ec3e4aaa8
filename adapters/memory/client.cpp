#include "adapters/memory/client.hpp"

#include <functional>

namespace afterwrite::memory {
namespace {

bool chance(Random& random, int one_in) {
  return std::uniform_int_distribution<int>(1, one_in)(random) == 1;
}

}  // namespace

MemoryClient::MemoryClient(std::shared_ptr<Cluster> cluster, Bug bug, const std::string& session, std::uint64_t seed)
    : cluster_(std::move(cluster)), bug_(bug), random_(seed ^ std::hash<std::string>{}(session)), session_(session) {}

Reply MemoryClient::call(const Call& call) {
  Life& connection = connections_[call.node];
  Cluster::Served served = cluster_->serve(call, connection);
  if (served.reply.connection != Connection::usable) connection = 0;
  if (served.value) served.reply.value = *served.value;
  if (call.function == Function::read && served.reply.outcome == Outcome::ok) tamper(call.list, served.reply.value);
  return std::move(served.reply);
}

/// Planted: what a read returned is not what it returns.
void MemoryClient::tamper(bool list, Value& read) {
  if (bug_ == Bug::phantom && chance(random_, odds_of_phantom)) {
    std::string invented = "phantom-" + session_ + "-" + std::to_string(++phantoms_);
    if (list && !is_list(read)) read = List{};
    if (list) {
      std::get<List>(read).emplace_back(std::move(invented));
    } else {
      read = std::move(invented);
    }
  }
  List* const elements = std::get_if<List>(&read);
  const bool reorder = bug_ == Bug::list_reorder && elements != nullptr && elements->size() > 1;
  if (reorder && chance(random_, odds_of_list_reorder)) std::swap(elements->back(), *(elements->end() - 2));
}

Awaited MemoryClient::await(const std::string& node, const std::string& position, Deadline deadline) {
  Life& connection = connections_[node];
  const Awaited awaited = cluster_->await(node, position, deadline, connection);
  if (awaited.applied == Applied::unreachable) connection = 0;
  return awaited;
}

}  // namespace afterwrite::memory
