#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/http/connection.hpp"
#include "harness/http/outcome.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::atproto {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// What a call came back with.
struct Response {
  Outcome outcome = Outcome::info;  ///< `ok`: a success with JSON; of what has no answer, what judge_failure() says;
                                    ///< else see `status`
  std::string why;                  ///< empty if it is ok
  long status = 0;                  ///< 0: no whole answer
  std::string error;                ///< XRPC's name of it, e.g. `NotFound`; empty if there is none
  nlohmann::json json;              ///< of a success
  std::string rev;                  ///< the header Atproto-Repo-Rev
  bool lag_told = false;            ///< the header Atproto-Upstream-Lag is there
  Connection connection = Connection::usable;

  bool ok() const { return outcome == Outcome::ok; }
};

/// What a call asks for.
enum class Asks { query, procedure };

/// What became of a call.
Response response_of(const http::Exchange& exchange, Asks asks);

/// Keeps calls to a server that is not ours so far apart, whoever makes them. Any thread may call.
class Pace {
 public:
  explicit Pace(Duration between) : between_(between) {}

  /// Waits for the caller's turn, at most until `deadline`.
  void await_turn(Deadline deadline);

 private:
  const Duration between_;
  std::mutex mutex_;
  Clock::time_point next_;
};

/// XRPC with one server over one connection, opened when first used. Nothing is retried. Used by one thread. No call
/// throws for what a server does.
class Xrpc {
 public:
  /// `base`: `http://127.0.0.1:2583`. `options`: how to get there. `pace`: null: as fast as it goes.
  Xrpc(std::string base, http::Options options, std::shared_ptr<Pace> pace = nullptr)
      : base_(std::move(base)), connection_(std::move(options)), pace_(std::move(pace)) {}

  /// A query. `token` is sent as bearer unless it is empty. A server's refusal is `fail`.
  Response get(const std::string& nsid, const Parameters& parameters, const std::string& token, Deadline deadline);
  /// A procedure. A refusal (4xx with XRPC's name of the error, but for a time-out) is `fail`: nothing was done.
  /// Anything else that is no success is `info`: it may have been. `input` null: sent without a body.
  Response post(const std::string& nsid, const nlohmann::json& input, const std::string& token, Deadline deadline);
  /// The same for what is no JSON: `bytes` of the media type `type`.
  Response upload(const std::string& nsid, const std::string& bytes, const std::string& type, const std::string& token,
                  Deadline deadline);

 private:
  Response call(http::Request request, const std::string& token, Deadline deadline, Asks asks);

  const std::string base_;
  http::Connection connection_;
  const std::shared_ptr<Pace> pace_;
};

}  // namespace afterwrite::atproto
