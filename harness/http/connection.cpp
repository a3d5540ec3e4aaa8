#include "harness/http/connection.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>

namespace afterwrite::http {
namespace {

constexpr std::size_t largest_headers = 1U << 20U;

void initialise() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) throw std::bad_alloc();
  });
}

/// Whether a kept connection fails over HTTP/2 that was not agreed on by TLS (curl/curl#10634, mended in 8.0.0).
bool cannot_keep_http2() {
  constexpr unsigned mended = 0x080000;
  return curl_version_info(CURLVERSION_NOW)->version_num < mended;
}

bool is_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

void append(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list.release();
  list.reset(longer);
}

}  // namespace

/// What one exchange fills in, through libcurl's callbacks.
struct Connection::Transfer {
  Answer answer;
  std::size_t largest_body = 0;
  std::size_t header_bytes = 0;
  bool sent = false;       // something of the request has left
  bool too_large = false;  // the answer outgrew its bound
  bool again = false;      // libcurl wanted to send it once more, on a new connection
  std::string unsent;      // the request's body
  std::size_t read = 0;    // of it
  List headers;
  List connect_to;

  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  static int watch(CURL* handle, curl_infotype type, char* data, std::size_t size, void* self);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int look(void* end, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
};

std::size_t Connection::Transfer::take_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > largest_headers) {
    transfer.too_large = true;
    return 0;
  }
  std::string_view line(data, bytes);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    transfer.answer.headers.clear();  // what came before was a 1xx
    return bytes;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bytes;
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  transfer.answer.headers.emplace_back(line.substr(0, colon), value);
  return bytes;
}

std::size_t Connection::Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (bytes > transfer.largest_body - transfer.answer.body.size()) {
    transfer.too_large = true;
    return bytes + 1;  // tells libcurl to end the transfer, whatever `bytes` is
  }
  transfer.answer.body.append(data, bytes);
  return bytes;
}

int Connection::Transfer::watch(CURL*, curl_infotype type, char*, std::size_t, void* self) {
  if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) static_cast<Transfer*>(self)->sent = true;
  return 0;
}

// libcurl sends a request again, on a new connection, if a kept one died before it answered: the server may have carried it out by
// then. A new connection once something was sent can have no other reason, since redirects are not followed.
curl_socket_t Connection::Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.sent) {
    transfer.again = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// libcurl asks about once a second while nothing comes, and more often while something does.
int Connection::Transfer::look(void* end, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(end)->stop_requested() ? 1 : 0;
}

struct Connection::State {
  Options options;
  CURL* handle = nullptr;
  std::string why;  // libcurl's own words
};

CookieJar::CookieJar() {
  initialise();
  share_ = curl_share_init();
  if (share_ == nullptr) throw std::bad_alloc();
  curl_share_setopt(static_cast<CURLSH*>(share_), CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
}

CookieJar::~CookieJar() { curl_share_cleanup(static_cast<CURLSH*>(share_)); }

Connection::Connection(Options options, CookieJar* jar) : state_(std::make_unique<State>()) {
  initialise();
  state_->options = std::move(options);
  state_->why.resize(CURL_ERROR_SIZE);
  CURL* handle = curl_easy_init();
  if (handle == nullptr) throw std::bad_alloc();
  state_->handle = handle;
  const Options& given = state_->options;
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_MAXCONNECTS, 1L);
  curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, state_->why.data());
  curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);  // for the watching callback; nothing is printed
  curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, &Transfer::watch);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  if (given.end.stop_possible()) {
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &Transfer::look);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &given.end);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  }
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, given.verify ? 1L : 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, given.verify ? 2L : 0L);
  if (!given.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, given.ca_file.c_str());
  const long version = given.version == "1.1" ? CURL_HTTP_VERSION_1_1
                       : given.version == "2" ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
                                              : CURL_HTTP_VERSION_2TLS;
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, version);
  if (jar != nullptr) {
    curl_easy_setopt(handle, CURLOPT_SHARE, static_cast<CURLSH*>(jar->raw()));
    curl_easy_setopt(handle, CURLOPT_COOKIEFILE, "");
  }
}

Connection::~Connection() {
  if (state_) curl_easy_cleanup(state_->handle);
}

void Connection::prepare(const Request& request, Deadline deadline, Transfer& transfer) {
  CURL* handle = state_->handle;
  transfer.largest_body = state_->options.largest_body;
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  const bool once = state_->options.version == "2" && !request.url.starts_with("https:") && cannot_keep_http2();
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, once ? 1L : 0L);
  curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(handle, CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
  if (request.body) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body->data());
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  for (const auto& [name, value] : request.headers) {
    // libcurl takes `Name:` for "leave it out", and `Name;` for an empty one.
    append(transfer.headers, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  append(transfer.headers, "Expect:");
  if (request.body) {
    const auto typed = [](const auto& header) { return is_header(header.first, "content-type"); };
    if (std::none_of(request.headers.begin(), request.headers.end(), typed)) append(transfer.headers, "Content-Type:");
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer.headers.get());
  if (const auto& dial = state_->options.dial) {
    append(transfer.connect_to, fmt::format("::{}:{}", dial->host, dial->port));
    curl_easy_setopt(handle, CURLOPT_CONNECT_TO, transfer.connect_to.get());
  }
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(left, 1)));
  // libcurl gives up connecting after five minutes by itself; the deadline is the only bound here.
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(left, 1)));
}

namespace {

/// Of a transfer of which nothing was seen to leave. Only what keeps a connection from being made is known to be before sending: over
/// HTTP/2 the library may have sent frames and then failed, without telling. `refused` is known from the system's own error: libcurl's code
/// is one for all that keeps a connection from being made.
Failure before_sending(CURLcode code, long system_error) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::not_sent_in_time;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Failure::bad_request;
    case CURLE_COULDNT_CONNECT:
      return system_error == ECONNREFUSED || system_error == ECONNRESET ? Failure::refused : Failure::unreachable;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
      return Failure::unreachable;
    default:
      return Failure::lost;
  }
}

std::optional<std::string> unsendable(const Request& request) {
  if (request.method.empty() || !is_line(request.method) || request.method.find(' ') != std::string::npos) {
    return "a method is one word";
  }
  if (!is_line(request.url)) return "the URL holds a line end or a zero byte";
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !is_line(name) || !is_line(value)) return fmt::format("the header '{}' holds a line end or a zero byte", name);
  }
  return std::nullopt;
}

}  // namespace

Exchange Connection::exchange(const Request& request, Deadline deadline) {
  Exchange exchange;
  if (const auto why = unsendable(request)) {
    exchange.failure = Failure::bad_request;
    exchange.error = *why;
    return exchange;
  }
  if (Clock::now() >= deadline) {
    exchange.failure = Failure::not_sent_in_time;
    exchange.error = "the deadline had passed before anything was sent";
    return exchange;
  }
  Transfer transfer;
  prepare(request, deadline, transfer);
  CURL* handle = state_->handle;
  state_->why.front() = '\0';
  const CURLcode code = curl_easy_perform(handle);
  // The lists end with the transfer, and so must libcurl's references to them.
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(handle, CURLOPT_CONNECT_TO, nullptr);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  char* address = nullptr;
  long port = 0;
  curl_easy_getinfo(handle, CURLINFO_PRIMARY_IP, &address);
  curl_easy_getinfo(handle, CURLINFO_PRIMARY_PORT, &port);
  if (address != nullptr && *address != '\0') transfer.answer.address = fmt::format("{}:{}", address, port);
  exchange.answer = std::move(transfer.answer);
  if (code == CURLE_OK) return exchange;

  long system_error = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &system_error);
  exchange.failure = transfer.too_large                   ? Failure::too_large
                     : !transfer.sent                     ? before_sending(code, system_error)
                     : code == CURLE_OPERATION_TIMEDOUT   ? Failure::timed_out
                                                          : Failure::lost;
  const char* why = state_->why.front() == '\0' ? curl_easy_strerror(code) : state_->why.c_str();
  exchange.error = transfer.again       ? "the connection broke after the request was sent on it"
                   : transfer.too_large ? fmt::format("the answer is larger than {} bytes", state_->options.largest_body)
                                        : std::string(why);
  return exchange;
}

bool nothing_sent(Failure failure) {
  switch (failure) {
    case Failure::refused:
    case Failure::unreachable:
    case Failure::not_sent_in_time:
    case Failure::bad_request:
      return true;
    case Failure::lost:
    case Failure::timed_out:
    case Failure::too_large:
      return false;
  }
  return false;
}

std::optional<std::string_view> Answer::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (is_header(known, name)) return value;
  }
  return std::nullopt;
}

bool is_header(std::string_view name, std::string_view other) {
  return name.size() == other.size() && curl_strnequal(name.data(), other.data(), name.size()) != 0;
}

std::string url_encoded(std::string_view text) {
  std::string encoded;
  for (const char letter : text) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
                       std::string_view("-._~").find(letter) != std::string_view::npos;
    if (plain) encoded += letter;
    else encoded += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return encoded;
}

}  // namespace afterwrite::http
