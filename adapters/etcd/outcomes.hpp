#pragma once

#include "harness/history/operation.hpp"
#include "harness/http/connection.hpp"
#include "harness/session/client.hpp"

// The one place that decides what a request's end means for its outcome: `fail` only where it certainly had no effect.
namespace afterwrite::etcd {

/// What follows when no whole answer came.
struct Ruling {
  Outcome outcome;
  Connection connection;
};
Ruling ruling(http::Failure failure);

/// What an answer other than 200 says of a request, by its HTTP status and the gRPC code in its body (-1: none).
/// Whatever is not surely a refusal leaves a write `info`: etcd answers 500 and 503 to writes that it may still commit.
Outcome outcome_of_error(long status, int code, bool is_write);

}  // namespace afterwrite::etcd
