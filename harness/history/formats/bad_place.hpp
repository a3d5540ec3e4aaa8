#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "harness/history/line_splitter.hpp"

namespace afterwrite {

/// What is wrong at one line of a history; read_history() says of which file.
class BadPlace : public BadLine {
 public:
  BadPlace(std::uint64_t line, const std::string& message) : BadLine(message), line_(line) {}

  /// From 1.
  std::uint64_t line() const { return line_; }

 private:
  std::uint64_t line_;
};

/// There is nothing to judge. what() says so without naming the file.
class EmptyHistory : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace afterwrite
