#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/history/history.hpp"

namespace afterwrite {

/// Why the run ended, in the recorder's words, if that was not as planned.
std::optional<std::string> cut_short(const History& history);

/// The same if the run ended before anything was asked: then nothing else is to blame for what it does not show.
std::optional<std::string> ended_before_anything(const History& history);

/// Of an audit whose recording breaks off: for each fault that was asked for and had not begun by then, that it did not bite.
/// Had the run gone on, it might have shown what this part does not.
std::vector<std::string> faults_cut_off(const History& history);

/// Whether the user stopped it.
bool interrupted(const History& history);

/// What the recorder had to say of a run: how it ended if that was not as planned, and its notes.
std::vector<std::string> notes_of_run(const History& history);

}  // namespace afterwrite
