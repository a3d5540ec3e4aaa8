#pragma once

#include <string_view>

#include "harness/history/operation.hpp"
#include "harness/session/client.hpp"

// The one place that decides what a call's end means for its outcome: `fail` only where it certainly had no effect.
namespace afterwrite::postgres {

/// How a call can end without the server's answer to it.
enum class Failure {
  unknown_node,
  unsupported_value,        ///< PostgreSQL cannot hold it
  deadline_before_sending,  ///< no time was left to send anything
  refused,                  ///< connecting was refused, reset, or turned down by the server
  connect_timed_out,        ///< connecting had no answer in time
  lost_before_sending,      ///< the open connection turned out to be dead before anything was sent on it
  timed_out,                ///< sent, no answer in time
  lost,                     ///< sent, then the connection broke
  sync_wait_ended,          ///< committed here, but the wait for the followers was broken off
  strange_answer,           ///< the server answered something that no statement of ours asks for
};

/// What follows from a failure.
struct Ruling {
  Failure failure;
  Outcome outcome;
  Connection connection;
  std::string_view meaning;  ///< for the history's `error`
};
const Ruling& ruling(Failure failure);

/// What an error that the server reported says of the statement: by its SQLSTATE and its severity (untranslated:
/// `ERROR`, `FATAL`, `PANIC`). Unknown states of writes are `info`.
Outcome outcome_of_error(std::string_view sqlstate, std::string_view severity, bool is_write);

}  // namespace afterwrite::postgres
