#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/service/service_spec.hpp"

namespace afterwrite::service {

/// Asks whether a service takes requests, again and again. For one thread.
class Readiness {
 public:
  /// Of the log, what stands before `log_start` is another's.
  Readiness(const ReadySpec& spec, std::filesystem::path log, std::uintmax_t log_start)
      : spec_(spec), log_(std::move(log)), read_up_to_(log_start) {}

  /// One look; an answer that does not come is waited for until the deadline, at most for a second.
  bool look(Deadline deadline);

  /// `http://127.0.0.1:8080/health answers with 2xx (it answered 503)`: what is waited for, and what the last look
  /// found.
  std::string waited_for() const;

 private:
  bool url_answers(Deadline deadline);
  bool tcp_accepts(Deadline deadline);
  bool log_says();

  const ReadySpec& spec_;
  std::filesystem::path log_;
  std::uintmax_t read_up_to_;
  std::string unmatched_;
  std::string found_;
};

}  // namespace afterwrite::service
