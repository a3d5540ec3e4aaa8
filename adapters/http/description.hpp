#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/http/request_template.hpp"
#include "harness/session/topology.hpp"

namespace afterwrite::http {

/// What every described request may say of itself, apart from what is sent.
struct Action {
  RequestTemplate request;
  std::optional<Extraction> position{};
  std::optional<Extraction> version{};
  std::optional<Extraction> node{};
  std::string position_header{};  ///< in which the session's own position is sent; empty: in none
};

struct WriteAction : Action {
  std::set<long> definite_failure{};  ///< statuses that say that certainly nothing was written
  std::set<long> acknowledged{};      ///< those that acknowledge, beside 2xx (without 202)
};

struct ReadAction : Action {
  ValueForm value{};
  std::set<long> absent{};  ///< statuses that say that nothing is there
};

/// How a session makes itself known.
struct LogIn {
  RequestTemplate request;
  std::map<std::string, Extraction> capture{};
  std::set<long> success{};  ///< statuses, beside 2xx
};

struct SessionDescription {
  bool cookies = true;
  NamedTemplates headers{};  ///< of every request but the login; credentials among them
  std::optional<LogIn> login{};
};

/// Numbered writes, without waiting for a replica, and what a node shows of them.
struct LagProbe {
  RequestTemplate write;
  RequestTemplate read;
  Extraction value;
  std::set<long> absent{};  ///< statuses that say that no number was written yet
};

struct NodeDescription {
  std::string name;
  Role role = Role::unknown;
  std::string url;    ///< without a slash at its end
  std::string shown;  ///< as the file has it
};

/// A service, as the members of a scenario file describe it. Immutable once read: any thread may look.
struct Description {
  std::string file;
  std::string run;                     ///< eight hexadecimal digits, for names that no earlier run has used
  std::vector<NodeDescription> nodes;  ///< one of them leads
  SessionDescription session;
  std::optional<WriteAction> write;
  std::optional<WriteAction> append;
  std::optional<WriteAction> remove;
  std::optional<ReadAction> read;  ///< always there
  std::optional<LagProbe> lag_probe;
  Options connection;
  Secrets secrets;
};

/// Reads the members `nodes`, `session`, `read`, `write`, `append`, `delete`, `lag_probe`, `insecure`, `ca_file` and
/// `http_version`; others are left alone. Takes secrets from the environment. `lists`: keys hold lists, so that
/// `append` is needed. Throws UsageError naming file and member.
Description read_description(const nlohmann::json& service, const std::string& file, bool lists);

}  // namespace afterwrite::http
