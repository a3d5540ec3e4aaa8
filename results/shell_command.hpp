#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace afterwrite {

// Any thread may call these.

/// A word as a shell takes it: quoted only where it could mean something else.
std::string shell_word(std::string_view word);

/// The words of a command, the program's name among them, as a line for a shell.
std::string shell_command(const std::vector<std::string>& words);

/// The name of a file as a command must be given it, so as not to take it for a flag: `./-x`. What stands for standard
/// input (`-`) stays.
std::string file_argument(const std::string& file);

/// The command, if it shows as it is and is no longer than any that does something; else nothing, for what cannot be
/// shown whole cannot be copied.
std::string if_copyable(std::string command);

}  // namespace afterwrite
