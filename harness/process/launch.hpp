#pragma once

#include "harness/process/command.hpp"
#include "harness/process/process_tree.hpp"

namespace afterwrite {

/// Forks and executes; the one place of Boost.Process. stdout and stderr go to `output`. Returns once the program runs.
/// The caller reaps it. Throws ProcessError, with nothing left to reap.
ProcessHandle launch(const Command& command, const Descriptor& output);

/// Opens Command::output for appending, or /dev/null. Throws ProcessError.
Descriptor open_output(const Command& command);

}  // namespace afterwrite
