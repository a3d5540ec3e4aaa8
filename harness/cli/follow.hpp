#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "checkers/judge.hpp"

namespace afterwrite {

/// `check --follow`: reads a history of our own format while another program writes it, and prints each violation in a
/// line of its own as soon as it shows. Returns the whole at the footer, or what is there at `stop`; it is to be judged
/// like any other, and that verdict is the one that counts.
///
/// `question_for` is asked once, when the header was read. Lines go to stdout, or to stderr with `quiet_stdout`. Throws
/// BadHistory: as read_history(), and for a file that shrank, was replaced or removed. Main thread.
History follow_history(const std::string& file, const std::function<Question(const History&)>& question_for,
                       bool quiet_stdout, const std::stop_token& stop);

}  // namespace afterwrite
