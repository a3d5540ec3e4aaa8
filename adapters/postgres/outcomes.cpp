#include "adapters/postgres/outcomes.hpp"

#include <array>
#include <cassert>

namespace afterwrite::postgres {
namespace {

constexpr std::array rulings{
    Ruling{Failure::unknown_node, Outcome::fail, Connection::usable, "no such node"},
    Ruling{Failure::unsupported_value, Outcome::fail, Connection::usable, "not a value PostgreSQL can hold"},
    Ruling{Failure::deadline_before_sending, Outcome::fail, Connection::usable, "no time was left to send it"},
    Ruling{Failure::refused, Outcome::fail, Connection::refused, "could not connect"},
    Ruling{Failure::connect_timed_out, Outcome::fail, Connection::lost, "connecting had no answer in time"},
    Ruling{Failure::lost_before_sending, Outcome::fail, Connection::lost,
           "the connection was lost before anything was sent"},
    Ruling{Failure::timed_out, Outcome::info, Connection::lost, "sent, but not answered in time"},
    Ruling{Failure::lost, Outcome::info, Connection::lost, "the connection was lost after it was sent"},
    Ruling{Failure::sync_wait_ended, Outcome::info, Connection::usable,
           "committed on the leader, but the wait for its followers was broken off"},
    Ruling{Failure::strange_answer, Outcome::info, Connection::lost, "an answer that makes no sense"},
};

/// One SQLSTATE, or a class of them (its first two characters), and what it says of a write that was one transaction of
/// its own. An error takes the transaction back, so nearly all are definite; the exceptions are what can be
/// reported although, or without anyone knowing whether, the commit was done.
struct State {
  std::string_view code;
  Outcome outcome;
};
constexpr std::array states{
    State{"08", Outcome::info},     // connection exceptions: what a pooler says about a server that it lost
    State{"0A", Outcome::fail},     // feature not supported
    State{"21", Outcome::fail},     // cardinality violation
    State{"22", Outcome::fail},     // data exception: an invalid UTF-8 sequence, a value too long
    State{"23", Outcome::fail},     // integrity constraint violation
    State{"25", Outcome::fail},     // invalid transaction state: 25006 is a write to a follower
    State{"26", Outcome::fail},     // invalid statement name
    State{"28", Outcome::fail},     // invalid authorization
    State{"34", Outcome::fail},     // invalid cursor name
    State{"3D", Outcome::fail},     // no such database
    State{"3F", Outcome::fail},     // no such schema
    State{"40", Outcome::fail},     // rolled back: serialization failure, deadlock, conflict with recovery
    State{"40003", Outcome::info},  // statement completion unknown
    State{"42", Outcome::fail},     // syntax error, access rule violation, no such table
    State{"53", Outcome::fail},     // insufficient resources: disk full (53100), too many connections (53300)
    State{"54", Outcome::fail},     // program limit exceeded
    State{"55", Outcome::fail},     // object not in prerequisite state, lock not available
    State{"57014", Outcome::info},  // cancelled: by whom and how far it had come is not said
    State{"57P01", Outcome::info},  // the server shuts down
    State{"57P02", Outcome::info},  // another server process crashed
    State{"57P03", Outcome::fail},  // cannot connect now: starting up or shutting down
    State{"57P04", Outcome::info},  // the database was dropped
    State{"P0", Outcome::fail},     // raised by a trigger
};

}  // namespace

const Ruling& ruling(Failure failure) {
  for (const Ruling& row : rulings) {
    if (row.failure == failure) return row;
  }
  assert(false && "a failure without a row");
  return rulings.back();
}

Outcome outcome_of_error(std::string_view sqlstate, std::string_view severity, bool is_write) {
  // After FATAL or PANIC the server hangs up, perhaps in the middle of a commit; only an ERROR is an answer.
  if (severity != "ERROR") {
    return sqlstate == "57P03" ? Outcome::fail : Outcome::info;
  }
  if (!is_write) return Outcome::fail;
  Outcome outcome = Outcome::info;
  std::size_t longest = 0;
  for (const State& row : states) {
    if (sqlstate.starts_with(row.code) && row.code.size() > longest) {
      outcome = row.outcome;
      longest = row.code.size();
    }
  }
  return outcome;
}

}  // namespace afterwrite::postgres
