#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/byte_source.hpp"
#include "harness/history/formats/conversion.hpp"
#include "harness/history/history.hpp"
#include "harness/history/value.hpp"

namespace afterwrite {

/// How a history is written down. docs/history-formats.md says how each is understood.
enum class HistoryFormat { jsonl, jepsen_edn, plume, dbcop };

/// What a file does not say of itself.
struct ReadOptions {
  /// Told by the content if absent.
  std::optional<HistoryFormat> format;
  /// The value that stands for "never written", where the file writes it as a value. Absent: the format's own, if it
  /// has one.
  std::optional<Scalar> initial;
  /// The field of a Jepsen operation that holds the version that it wrote or read; empty: none.
  std::string version_field;
};

/// A row of the table of formats. `read` takes the text, unpacked, and throws BadPlace or BadHistory; it leaves the
/// name of the history, and its initial value, to read_history().
struct FormatKind {
  HistoryFormat format;
  std::string_view name;
  std::string_view summary;
  History (*read)(ByteSource source, const ReadOptions& options);
  std::optional<Scalar> initial;
  Losses (*write)(const History& history, const TextSink& sink);  ///< null: it is only read
};

const std::vector<FormatKind>& format_kinds();
const FormatKind& kind_of(HistoryFormat format);
std::optional<HistoryFormat> parse_history_format(std::string_view name);
std::vector<std::string> history_format_names();

/// So many of the first bytes tell a format.
inline constexpr std::size_t telling_bytes = 64U << 10U;

/// The format of a text that begins like this; jsonl if it looks like none.
HistoryFormat recognise_format(std::string_view beginning);

// One a file of this folder.
History read_jsonl(ByteSource source, const ReadOptions& options);
History read_jepsen_edn(ByteSource source, const ReadOptions& options);
History read_plume(ByteSource source, const ReadOptions& options);
History read_dbcop(ByteSource source, const ReadOptions& options);

}  // namespace afterwrite
