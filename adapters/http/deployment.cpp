#include "adapters/http/deployment.hpp"

#include <fmt/format.h>

#include "adapters/http/beat.hpp"
#include "adapters/http/outcomes.hpp"
#include "harness/http/url.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::http {
namespace {

constexpr auto patience = std::chrono::seconds(10);

/// The user of a session, as histories name it: `u1` of `s5` where there are 4; others are their own.
std::string user_of(const std::string& session, std::size_t users) {
  const bool numbered =
      session.size() > 1 && session.starts_with('s') && session.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!numbered) return session;
  return users == 0 ? "u" + session.substr(1) : "u" + std::to_string(std::stoull(session.substr(1)) % users);
}

}  // namespace

HttpDeployment::HttpDeployment(const HttpOptions& options, LinkFactory& links)
    : description_(read_description(options.service, options.file, options.lists)),
      client_links_(options.client_links),
      users_(options.users),
      links_(links),
      shared_{.description = description_, .routes = {}, .direct = {}, .leader = {}, .trace = {}} {
  for (const NodeDescription& node : description_.nodes) {
    topology_.nodes.push_back({node.name, node.role});
    shared_.direct[node.name] = Route{node.url, std::nullopt};
  }
  shared_.routes = shared_.direct;
  shared_.leader = topology_.leader();
  const ReadAction& read = *description_.read;
  if (options.sends_position && read.position_header.empty() && !read.request.has("position")) {
    throw UsageError(fmt::format(
        R"({}: the read policy version-token needs reads that carry the session's position; write "send_position": )"
        R"({{"header": "..."}} into 'read' if the service waits for one)",
        options.file));
  }
}

void HttpDeployment::start() {
  for (const NodeDescription& node : description_.nodes) {
    see_that_it_answers(node);
    if (!client_links_) continue;
    const auto origin = origin_of(node.url);
    shared_.routes[node.name].dial = links_.open(LinkName{"clients", node.name}, Address{origin->host, origin->port});
  }
}

// Whatever it answers: only that it is there.
void HttpDeployment::see_that_it_answers(const NodeDescription& node) const {
  Connection connection(description_.connection);
  const Exchange exchange = connection.exchange({"GET", node.url + "/", {}, {}}, Clock::now() + patience);
  if (!exchange.failure || !nothing_sent(*exchange.failure)) return;
  const bool certificate = exchange.error.find("certificate") != std::string::npos;
  throw EnvironmentError(
      fmt::format("{}: the node {} ({}) cannot be reached: {}; {}", description_.file, node.name, node.shown,
                  description_.secrets.masked(failure_text(exchange)),
                  certificate ? "name the authority that signed it in ca_file, or give --insecure" : "is it running?"));
}

void HttpDeployment::stop() noexcept {
  if (!client_links_) return;
  try {
    for (const NodeDescription& node : description_.nodes)
      links_.close(LinkName{"clients", node.name});
  } catch (...) {
    // A link that stays open ends with its factory.
  }
}

nlohmann::json HttpDeployment::describe() const {
  nlohmann::json nodes = nlohmann::json::array();
  for (const NodeDescription& node : description_.nodes)
    nodes.push_back({{"name", node.name}, {"url", node.shown}, {"role", to_string(node.role)}});
  nlohmann::json notes = nlohmann::json::array();
  if (!description_.connection.verify) notes.push_back("the certificates of the service were not verified (insecure)");
  return {{"system", "http"},
          {"kind", "a service that the scenario describes"},
          {"run", description_.run},
          {"cookies", description_.session.cookies},
          {"insecure", !description_.connection.verify},
          {"nodes", nodes},
          {"notes", notes}};
}

std::unique_ptr<Client> HttpDeployment::open_client(const std::string& session) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<SessionState>& state = sessions_[session];
  if (!state) state = std::make_shared<SessionState>(description_, session, user_of(session, users_));
  return std::make_unique<HttpClient>(shared_, state);
}

std::unique_ptr<Beat> HttpDeployment::open_beat() {
  if (!description_.lag_probe) return nullptr;
  return std::make_unique<HttpBeat>(shared_);
}

std::optional<bool> HttpDeployment::at_least(const std::string& a, const std::string& b) const {
  return position_at_least(a, b);
}

std::optional<LinkName> HttpDeployment::replication_link(const std::string&) const {
  return std::nullopt;
}

std::optional<LinkName> HttpDeployment::client_link(const std::string& node) const {
  if (!client_links_ || !shared_.direct.contains(node)) return std::nullopt;
  return LinkName{"clients", node};
}

std::optional<std::string> HttpDeployment::refusal(Ability, const std::string&) const {
  return "nothing is done to a service of yours but requests: leave this fault out, or make it from outside while the "
         "audit runs";
}

void HttpDeployment::refuse(Ability ability, const std::string& node) const {
  throw EnvironmentError(refusal(ability, node).value_or(""));
}

nlohmann::json HttpDeployment::kill(const std::string& node) {
  refuse(Ability::kill, node);
}
void HttpDeployment::restart(const std::string& node) {
  refuse(Ability::restart, node);
}
void HttpDeployment::pause_replay(const std::string& node) {
  refuse(Ability::pause_replay, node);
}
void HttpDeployment::resume_replay(const std::string& node) {
  refuse(Ability::pause_replay, node);
}
nlohmann::json HttpDeployment::promote() {
  refuse(Ability::promote, "");
}

bool HttpDeployment::healthy(std::string&) const {
  // Nobody told us who may end the service, so its absence is what the operations say.
  return true;
}

bool HttpDeployment::offers(Function function) const {
  switch (function) {
    case Function::read:
      return description_.read.has_value();
    case Function::write:
      return description_.write.has_value();
    case Function::append:
      return description_.append.has_value();
    case Function::remove:
      return description_.remove.has_value();
  }
  return false;
}

Redact redaction_of(const Deployment& deployment) {
  const auto* ours = dynamic_cast<const HttpDeployment*>(&deployment);
  if (ours == nullptr) return [](std::string_view text) { return std::string(text); };
  return [ours](std::string_view text) { return ours->secrets().masked(text); };
}

std::unique_ptr<Deployment> make_http(const HttpOptions& options, LinkFactory& links) {
  return std::make_unique<HttpDeployment>(options, links);
}

}  // namespace afterwrite::http
