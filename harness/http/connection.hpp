#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/session/clock.hpp"
#include "harness/session/link.hpp"

namespace afterwrite::http {

/// Cookies that outlive a connection: those of one session, as a browser has them. Created once a session; may be used
/// by the connections of one thread at a time.
class CookieJar {
 public:
  CookieJar();
  CookieJar(const CookieJar&) = delete;
  CookieJar& operator=(const CookieJar&) = delete;
  ~CookieJar();

  void* raw() const { return share_; }

 private:
  void* share_;
};

/// How connections are made.
struct Options {
  bool verify = true;             ///< certificates of https; false is to be said in the report
  std::string ca_file;            ///< certificates to trust instead of the system's; empty: the system's
  std::string version;            ///< "1.1", "2", or empty: 2 where TLS agrees on it, else 1.1
  std::optional<Address> dial;    ///< connect here whatever the URL says, e.g. to a link; names and certificates stay the URL's
  std::size_t largest_body = 16U << 20U;  ///< bytes of an answer; more ends the exchange
  std::stop_token end{};          ///< once requested, what is under way ends within a second as Failure::lost
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::optional<std::string> body;
};

struct Answer {
  long status = 0;
  Headers headers;  ///< in the order they came, names as they were sent; of the final answer only
  std::string body;
  std::string address;  ///< who answered: `127.0.0.1:8080`

  /// The value of the first header of that name, whatever its case; nothing if there is none.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// Why there is no whole answer.
enum class Failure {
  refused,           ///< the connection was refused or reset before anything was sent
  unreachable,       ///< no address, no route, a TLS handshake that failed ... before anything was sent
  not_sent_in_time,  ///< the deadline passed before anything was sent
  lost,              ///< the connection broke after something was sent
  timed_out,         ///< the deadline passed after something was sent
  too_large,         ///< the answer outgrew the bound
  bad_request,       ///< it cannot be sent: a URL or header that is none; nothing was sent
};

/// True if nothing of the request can have reached the server.
bool nothing_sent(Failure failure);

struct Exchange {
  std::optional<Failure> failure;
  std::string error;  ///< in words, with the address; empty if there is none
  Answer answer;      ///< as far as it came: with a failure, perhaps a status and a part of the body
};

/// One keep-alive connection to one server through libcurl, opened when first used: the one place of libcurl. Nothing is
/// retried: libcurl by itself would send a request again if a reused connection died, which is prevented; a kept connection that is
/// known to be dead before anything was sent is replaced, which is no retry. Redirects are not followed, no proxy of the environment is used, `Expect`
/// is not sent. Used by one thread. Closing never blocks.
class Connection {
 public:
  /// `jar` may be null, for no cookies; it outlives the connection.
  explicit Connection(Options options, CookieJar* jar = nullptr);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Sends and waits for the whole answer, until the deadline at most. Never throws for what a server or a network does.
  Exchange exchange(const Request& request, Deadline deadline);

 private:
  struct Transfer;
  struct State;
  void prepare(const Request& request, Deadline deadline, Transfer& transfer);

  std::unique_ptr<State> state_;
};

/// Whether two names of headers are the same, whatever their case.
bool is_header(std::string_view name, std::string_view other);

/// Percent-encodes all but letters, digits and `-._~`: for a part of a path or a query.
std::string url_encoded(std::string_view text);

}  // namespace afterwrite::http
