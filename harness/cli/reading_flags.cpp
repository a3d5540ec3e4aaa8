#include "harness/cli/reading_flags.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/asking.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {
namespace {

/// `0` is an integer, `"0"` and `none` are strings: as values are written in a history.
Scalar scalar_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && stop == text.data() + text.size()) return number;
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

void ReadingFlags::add_to(CLI::App& parser) {
  parser
      .add_option("--format", format_,
                  fmt::format("How the files are written: {}; told by their content where it is "
                              "not given",
                              fmt::join(history_format_names(), ", ")))
      ->check(not_empty)
      ->type_name("FORMAT");
  parser.add_option("--initial", initial_, "The value that stands for \"never written\" (plume, dbcop: 0)")
      ->check(not_empty)
      ->type_name("VALUE");
  parser
      .add_option("--version-field", version_field_, "jepsen-edn: the field with the version that was written or read")
      ->check(not_empty)
      ->type_name("NAME");
}

ReadOptions ReadingFlags::options() const {
  ReadOptions options;
  if (!format_.empty()) options.format = asked_format(format_, "--format");
  if (!initial_.empty()) options.initial = scalar_of(initial_);
  options.version_field = version_field_.starts_with(':') ? version_field_.substr(1) : version_field_;
  return options;
}

GivenFlags ReadingFlags::given() const {
  GivenFlags given;
  add_given(given, {{"--format", format_}, {"--initial", initial_}, {"--version-field", version_field_}});
  return given;
}

HistoryFormat asked_format(const std::string& name, std::string_view flag) {
  if (const auto format = parse_history_format(name)) return *format;
  throw UsageError(fmt::format("{}: '{}' is not known{}", flag, name, known_names_hint(name, history_format_names())));
}

}  // namespace afterwrite
