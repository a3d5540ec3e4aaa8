#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/acknowledgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// Takes the text of a history piece by piece, in order. May throw; that passes through.
using TextSink = std::function<void(std::string_view text)>;

/// What the written file does not say, or says differently, in words; a line each.
using Losses = std::vector<std::string>;

// Each writes a whole history so that reading it back gives the same verdicts where the format can say what they rest
// on. Throws BadHistory for a history that the format cannot hold at all. One a file of this folder.
Losses write_jsonl(const History& history, const TextSink& sink);
Losses write_jepsen_edn(const History& history, const TextSink& sink);
Losses write_plume(const History& history, const TextSink& sink);

/// For those writers: adds how many operations are written as of unknown outcome, because their transactions were not
/// acknowledged as a whole, if any.
void add_what_was_undone(const History& history, const Acknowledgement& acknowledgement, Losses& losses);

}  // namespace afterwrite
