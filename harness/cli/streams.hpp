#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace afterwrite {

/// Opens on /dev/null what of stdin, stdout and stderr whoever started us had closed: else the next file that is opened, a
/// history perhaps, gets that number, and what is meant for people is written into it. Also ignores SIGPIPE
/// and SIGXFSZ: that nobody reads on (`| head`), or a file is full, must not end a run that still has to heal its faults.
/// Call first of all.
void open_standard_streams();

/// Text for people, to stderr at once. That it cannot be written is no reason to end. Any thread.
void say(std::string_view text) noexcept;

/// Results, to stdout. The main thread only.
void print(std::string_view text) noexcept;

/// Whether whoever started us had closed stdout: what is printed goes nowhere.
bool stdout_was_closed();

/// Flushes stdout and says why not all that was printed was written; nothing if it was, or if the reader had seen enough.
std::optional<std::string> stdout_failure();

/// Whether this is a terminal that acts on escapes: one of TERM=dumb shows them.
bool takes_escapes(int descriptor);
/// The same, and NO_COLOR does not ask for none.
bool wants_colour(int descriptor);

struct TerminalSize {
  std::size_t columns = 0;
  std::size_t rows = 0;
};
/// Of the terminal that this is, at this moment; nothing if it is none, or does not say.
std::optional<TerminalSize> terminal_size(int descriptor);

}  // namespace afterwrite
