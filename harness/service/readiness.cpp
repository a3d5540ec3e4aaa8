#include "harness/service/readiness.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "harness/http/connection.hpp"

namespace afterwrite::service {

namespace {

/// A server may take a connection long before it answers, and drop it: then another try is better than waiting on.
constexpr Duration one_look = std::chrono::seconds(1);

}  // namespace

bool Readiness::look(Deadline deadline) {
  deadline = std::min(deadline, Clock::now() + one_look);
  switch (spec_.by) {
    case ReadySpec::By::url:
      return url_answers(deadline);
    case ReadySpec::By::tcp:
      return tcp_accepts(deadline);
    case ReadySpec::By::log:
      return log_says();
  }
  return false;
}

std::string Readiness::waited_for() const {
  const std::string found = found_.empty() ? "" : fmt::format(" ({})", found_);
  switch (spec_.by) {
    case ReadySpec::By::url:
      return fmt::format("{} answers with 2xx{}", spec_.what, found);
    case ReadySpec::By::tcp:
      return fmt::format("{} accepts a connection{}", spec_.what, found);
    case ReadySpec::By::log:
      return fmt::format("its log says '{}'", spec_.what);
  }
  return {};
}

bool Readiness::url_answers(Deadline deadline) {
  http::Options options;
  options.verify = false;  // nothing is sent that is secret, and nothing is believed but that it answers
  http::Connection connection(options);
  const http::Exchange exchange = connection.exchange({"GET", spec_.what, {}, {}}, deadline);
  found_ = exchange.failure ? exchange.error : fmt::format("it answered {}", exchange.answer.status);
  return !exchange.failure && exchange.answer.status / 100 == 2;
}

bool Readiness::tcp_accepts(Deadline deadline) {
  const Address address = parse_address(spec_.what).value();
  boost::asio::ip::tcp::iostream stream;
  stream.expires_at(deadline);
  stream.connect(address.host, std::to_string(address.port));
  found_ = stream ? "" : stream.error().message();
  return static_cast<bool>(stream);
}

// Only what is new is read, and of what was read no more is kept than a text may begin in.
bool Readiness::log_says() {
  std::ifstream file(log_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(read_up_to_));
  const std::string fresh{std::istreambuf_iterator<char>(file), {}};
  read_up_to_ += fresh.size();
  unmatched_ += fresh;
  if (unmatched_.find(spec_.what) != std::string::npos) return true;
  unmatched_.erase(0, unmatched_.size() - std::min(unmatched_.size(), spec_.what.size()));
  return false;
}

}  // namespace afterwrite::service
