#pragma once

#include <stdexcept>

namespace afterwrite {

/// A history that cannot be read, or not be written in the form asked for. what() names file, line, field and what to
/// do, ready to be shown.
class BadHistory : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace afterwrite
