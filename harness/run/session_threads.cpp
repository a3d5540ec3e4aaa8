#include "harness/run/session_threads.hpp"

#include <exception>
#include <fmt/format.h>
#include <system_error>

#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

std::string text_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that says nothing";
  }
}

}  // namespace

SessionThreads::SessionThreads(SessionSurroundings& surroundings, Workload& workload, const Scenario& scenario,
                               Duration final_check_within)
    : surroundings_(surroundings),
      control_(surroundings.control),
      workload_(workload),
      scenario_(scenario),
      final_check_within_(final_check_within) {}

SessionThreads::~SessionThreads() {
  if (threads_.empty()) return;
  control_.abort(RunEnd::interrupted, "the run was given up");
  join();
}

void SessionThreads::start(const ReadPolicy& policy) {
  for (std::size_t ordinal = 0; ordinal < scenario_.sessions; ++ordinal) {
    add({.name = fmt::format("s{}", ordinal),
         .user = scenario_.user_of(ordinal),
         .ordinal = ordinal,
         .count = scenario_.sessions,
         .seed = scenario_.seed.value_or(0),
         .policy = &policy,
         .labels = {},
         .counted = true});
  }
}

void SessionThreads::start_control() {
  control_policy_ = make_policy("any-replica");
  add({.name = "control-0",
       .user = "control-0",
       .ordinal = scenario_.sessions,
       .count = scenario_.sessions,
       .seed = scenario_.seed.value_or(0),
       .policy = control_policy_.get(),
       .labels = {{"control", "true"}},
       .counted = false});
}

void SessionThreads::add(const SessionIdentity& identity) {
  try {
    threads_.emplace_back([this, identity] { live(identity); });
  } catch (const std::system_error& error) {
    throw EnvironmentError(fmt::format("session {} cannot have a thread of its own: {}; give fewer --sessions",
                                       identity.name, error.what()));
  }
}

// The whole life of one session thread. The session, and with it its client, is gone before it leaves.
void SessionThreads::live(const SessionIdentity& identity) noexcept {
  bool arrived = false;
  try {
    SessionRunner session(surroundings_, identity);
    if (control_.await_start()) workload_.run(session);
    arrived = true;
    control_.arrive(identity.counted);
    if (control_.await_check()) {
      const TouchedKeys keys = session.final_check(Clock::now() + final_check_within_);
      const std::lock_guard lock(mutex_);
      checked_.touched += keys.touched;
      checked_.unread += keys.unread;
    }
  } catch (...) {
    control_.abort(RunEnd::session_failed,
                   fmt::format("session {} failed, by a fault of the harness or its workload and not of the system: {}",
                               identity.name, text_of(std::current_exception())));
  }
  if (!arrived) control_.arrive(identity.counted);
  control_.leave();
}

TouchedKeys SessionThreads::join() {
  threads_.clear();
  const std::lock_guard lock(mutex_);
  return checked_;
}

}  // namespace afterwrite
