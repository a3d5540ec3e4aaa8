#pragma once

#include <stdexcept>
#include <stop_token>

namespace afterwrite {

/// What the user asked for cannot be done as asked: a bad flag, an unknown name, a fault that the system at
/// hand cannot give. what() is one line: what, where, what to do. Ends the command with exit code 3.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The surroundings failed: no PostgreSQL, a port or disk that refuses, a server that never became ready. what() as above.
/// Before the run it ends the command with exit code 4; in mid-run the run is judged on what was recorded.
class EnvironmentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// For the waits of a start: throws EnvironmentError once the user has asked to end.
inline void end_start_if(const std::stop_token& stop) {
  if (stop.stop_requested()) throw EnvironmentError("stopped by the user before the system was up");
}

}  // namespace afterwrite
