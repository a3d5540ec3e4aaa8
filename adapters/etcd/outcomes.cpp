#include "adapters/etcd/outcomes.hpp"

#include <algorithm>
#include <array>

namespace afterwrite::etcd {
namespace {

// The gRPC codes with which etcd turns a request down before, or instead of, applying it. Not 8 (resource exhausted): where the quota is
// found exceeded only while a write is applied, it is applied all the same.
constexpr std::array refusals{
    3,   // invalid argument: no key, a request that is too large
    7,   // permission denied
    12,  // unimplemented
    16,  // unauthenticated
};
constexpr std::array refusing_statuses{404L, 405L};  // no such path or method: nothing of etcd's was called

}  // namespace

Ruling ruling(http::Failure failure) {
  switch (failure) {
    case http::Failure::refused:
      return {Outcome::fail, Connection::refused};
    case http::Failure::unreachable:
    case http::Failure::not_sent_in_time:
      return {Outcome::fail, Connection::lost};
    case http::Failure::bad_request:
      return {Outcome::fail, Connection::usable};
    case http::Failure::lost:
    case http::Failure::timed_out:
    case http::Failure::too_large:
      break;
  }
  return {Outcome::info, Connection::lost};
}

Outcome outcome_of_error(long status, int code, bool is_write) {
  if (!is_write) return Outcome::fail;
  const bool refused =
      code >= 0 ? std::find(refusals.begin(), refusals.end(), code) != refusals.end()
                : std::find(refusing_statuses.begin(), refusing_statuses.end(), status) != refusing_statuses.end();
  return refused ? Outcome::fail : Outcome::info;
}

}  // namespace afterwrite::etcd
