#pragma once

#include <stdexcept>

namespace afterwrite {

/// A process could not be started, a command failed or passed its deadline, a folder could not be made. what() says
/// what, where and what to do; the last lines of a failed command's output follow on lines of their own.
class ProcessError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace afterwrite
