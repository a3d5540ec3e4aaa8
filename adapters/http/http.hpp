#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/http/redaction.hpp"
#include "harness/session/deployment.hpp"
#include "harness/session/link.hpp"

// A service over HTTP, described in a scenario file: requests with places, and where in the answers what is looked for
// stands.
namespace afterwrite::http {

struct HttpOptions {
  nlohmann::json service;       ///< the members of a scenario file that describe it; see docs/http.md
  std::string file;             ///< where they are from, for messages
  bool lists = false;           ///< the workload's keys hold lists
  bool sends_position = false;  ///< the read policy counts on reads that carry the session's position
  std::size_t users = 0;          ///< session `s5` is that of user `u1` where there are 4; 0: a user for each session
  bool client_links = false;    ///< the sessions dial through links `clients` -> node, which can be cut
};

/// Checks the description and takes secrets from the environment; start() sees that every node answers. Throws
/// UsageError. `links` outlives the deployment.
std::unique_ptr<Deployment> make_http(const HttpOptions& options, LinkFactory& links);

/// What may be shown of a text that the service wrote, its log's end for instance: secrets that the description takes from the
/// environment are replaced. Of other systems everything. Not used once the deployment is gone; any thread may call it.
Redact redaction_of(const Deployment& deployment);

}  // namespace afterwrite::http
