#include "harness/history/formats/format.hpp"

#include <algorithm>
#include <cassert>

namespace afterwrite {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v,";

/// From the first byte that is neither blank, nor of an EDN comment, nor a byte order mark.
std::string_view without_blanks(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (!text.starts_with(';')) return text;
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  }
}

std::string_view within(std::string_view text) {
  return without_blanks(text.substr(1));
}

/// A JSON object: a line of ours, or the whole that dbcop wraps around its sessions.
HistoryFormat recognise_object(std::string_view text) {
  const std::string_view first_line = text.substr(0, text.find('\n'));
  const bool ours = first_line.find("\"kind\"") != std::string_view::npos;
  const bool wrapped =
      text.find("\"params\"") != std::string_view::npos || text.find("\"data\"") != std::string_view::npos;
  return wrapped && !ours ? HistoryFormat::dbcop : HistoryFormat::jsonl;
}

}  // namespace

const std::vector<FormatKind>& format_kinds() {
  static const std::vector<FormatKind> kinds{
      {HistoryFormat::jsonl, "jsonl", "afterwrite's own: JSON Lines", read_jsonl, {}, write_jsonl},
      {HistoryFormat::jepsen_edn,
       "jepsen-edn",
       "history.edn of Jepsen and Elle",
       read_jepsen_edn,
       {},
       write_jepsen_edn},
      {HistoryFormat::plume, "plume", "the plain text of Plume, PolySI and AWDIT: r(key,value,session,txn)", read_plume,
       Scalar{std::int64_t{0}}, write_plume},
      {HistoryFormat::dbcop, "dbcop", "the JSON of dbcop", read_dbcop, Scalar{std::int64_t{0}}, nullptr},
  };
  return kinds;
}

const FormatKind& kind_of(HistoryFormat format) {
  for (const FormatKind& kind : format_kinds()) {
    if (kind.format == format) return kind;
  }
  assert(false && "a format without a row");
  return format_kinds().front();
}

std::optional<HistoryFormat> parse_history_format(std::string_view name) {
  for (const FormatKind& kind : format_kinds()) {
    if (kind.name == name) return kind.format;
  }
  return std::nullopt;
}

std::vector<std::string> history_format_names() {
  std::vector<std::string> names;
  for (const FormatKind& kind : format_kinds())
    names.emplace_back(kind.name);
  return names;
}

HistoryFormat recognise_format(std::string_view beginning) {
  const std::string_view text = without_blanks(beginning);
  if (text.starts_with("r(") || text.starts_with("w(")) return HistoryFormat::plume;
  if (text.starts_with('#') || text.starts_with('(')) return HistoryFormat::jepsen_edn;
  if (text.starts_with('{')) {
    const std::string_view inner = within(text);
    if (inner.starts_with('"')) return recognise_object(text);
    return inner.starts_with(':') ? HistoryFormat::jepsen_edn : HistoryFormat::jsonl;
  }
  if (text.starts_with('[')) {
    const std::string_view inner = within(text);
    if (inner.starts_with('[')) return HistoryFormat::dbcop;
    if (inner.starts_with('#')) return HistoryFormat::jepsen_edn;
    if (inner.starts_with('{') && within(inner).starts_with(':')) return HistoryFormat::jepsen_edn;
  }
  return HistoryFormat::jsonl;
}

}  // namespace afterwrite
