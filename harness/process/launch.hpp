#pragma once

#include "harness/process/command.hpp"
#include "harness/process/process_tree.hpp"

namespace afterwrite {

/// What becomes a child's stdin, stdout and stderr: numbers above those three, borrowed for the call. No input:
/// /dev/null.
struct ChildStreams {
  int input = -1;
  int output = -1;
  int error = -1;
};

/// Forks and executes; the one place of Boost.Process. Returns once the program runs. The caller reaps it. Throws
/// ProcessError, with nothing left to reap.
ProcessHandle launch(const Command& command, const ChildStreams& streams);

/// Opens Command::output for appending, or /dev/null. Throws ProcessError.
Descriptor open_output(const Command& command);

}  // namespace afterwrite
