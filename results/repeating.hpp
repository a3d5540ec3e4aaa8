#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/history/history.hpp"

namespace afterwrite {

// Any thread may call these.

/// A recorded command line, with the flag for its seed if it does not name one: a seed that was drawn must be said to get
/// the same requests again.
std::string with_seed(std::string command, std::uint64_t seed);

/// The command that carries out the run of this header again; empty if none was recorded. Others wrote it: it may hold anything.
std::string repeating_command(const Header& header);

/// Flags of `check` and `report` with their values, as they were given.
using GivenFlags = std::vector<std::pair<std::string, std::string>>;

/// Adds those that have a value.
void add_given(GivenFlags& given, const GivenFlags& more);

/// `afterwrite COMMAND FLAGS FILE MORE`, for a shell. Empty if it cannot be shown as it is, and thus not be copied.
std::string command_on_file(const std::vector<std::string>& command, const GivenFlags& given, const std::string& file,
                            const std::vector<std::string>& more = {});

/// The command that judges the history again as it was judged with these flags, and `more` behind it. A history that
/// was a stream must be piped into it. Empty if it cannot be copied.
std::string judging_command(const History& history, const GivenFlags& given, const std::vector<std::string>& more = {});

/// The command that shows these lines as they stand in the history's file. Empty where there is none: for a stream, for
/// lines that are not known (0), and if it cannot be copied.
std::string lines_command(const History& history, const std::vector<std::uint64_t>& lines);

}  // namespace afterwrite
