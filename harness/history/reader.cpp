#include "harness/history/reader.hpp"

#include <fmt/format.h>
#include <utility>

#include "harness/history/byte_source.hpp"
#include "harness/history/decompression.hpp"
#include "harness/history/formats/bad_place.hpp"
#include "harness/history/formats/initial_value.hpp"

namespace afterwrite {
namespace {

History read_bytes(ByteSource source, const std::string& name, const ReadOptions& options) {
  auto [bytes, packing] = decompressed(std::move(source), name);
  Beginning beginning(std::move(bytes), telling_bytes);
  const HistoryFormat format = options.format.value_or(recognise_format(beginning.bytes()));
  const FormatKind& kind = kind_of(format);
  if (!options.version_field.empty() && format != HistoryFormat::jepsen_edn) {
    throw BadHistory(fmt::format("{}: --version-field names a field of a Jepsen history, this is {}; leave it out",
                                 name, kind.name));
  }
  try {
    History history = kind.read(std::move(beginning).all(), options);
    history.name = name;
    history.packing = packing;
    const std::optional<Scalar>& initial = options.initial ? options.initial : kind.initial;
    if (initial) take_initial_value(history, *initial);
    return history;
  } catch (const BadPlace& bad) {
    throw BadHistory(fmt::format("{}:{}: {}", name, bad.line(), bad.what()));
  } catch (const EmptyHistory& empty) {
    throw BadHistory(fmt::format("{}: {}", name, empty.what()));
  }
}

}  // namespace

History read_history(const std::filesystem::path& file, const ReadOptions& options) {
  const std::string name = is_standard_input(file) ? "standard input" : file.string();
  History history = read_bytes(open_bytes(file, name), name, options);
  history.is_stream = is_read_once(file);
  return history;
}

History read_history_text(std::string_view text, const std::string& name, const ReadOptions& options) {
  return read_bytes(bytes_of(text), name, options);
}

}  // namespace afterwrite
