// The yardstick: what simdjson needs to read the seven fields that a checker needs, and nothing else.
//
//   bare_parse history.jsonl
//
// Reads the file through a window, so that what is measured is parsing and not the first touch of memory.

#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

struct Sums {
  std::uint64_t operations = 0;
  std::uint64_t bytes = 0;  // of the fields, so that none of them can be skipped
};

bool take(simdjson::ondemand::document_reference line, Sums& sums) {
  std::string_view kind;
  if (line["kind"].get(kind) != simdjson::SUCCESS) return false;
  if (kind != "op") return true;
  std::string_view session;
  std::string_view function;
  std::string_view key;
  std::string_view value;
  std::string_view type;
  std::int64_t invoke = 0;
  std::int64_t complete = 0;
  if (line["session"].get(session) != simdjson::SUCCESS || line["f"].get(function) != simdjson::SUCCESS ||
      line["key"].get(key) != simdjson::SUCCESS) {
    return false;
  }
  if (line["value"].get(value) != simdjson::SUCCESS) value = {};  // null
  if (line["type"].get(type) != simdjson::SUCCESS || line["invoke"].get(invoke) != simdjson::SUCCESS ||
      line["complete"].get(complete) != simdjson::SUCCESS) {
    return false;
  }
  ++sums.operations;
  sums.bytes += session.size() + function.size() + key.size() + value.size() + type.size() +
                static_cast<std::uint64_t>(complete - invoke);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 3;
  const int file = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (file < 0) return 3;
  constexpr std::size_t window = 1U << 20U;
  std::vector<char> buffer(2 * window + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;
  Sums sums;
  std::size_t held = 0;
  for (ssize_t got = 0; (got = read(file, buffer.data() + held, window)) > 0;) {
    held += static_cast<std::size_t>(got);
    const auto* last = static_cast<const char*>(memrchr(buffer.data(), '\n', held));
    if (last == nullptr) return 3;
    const std::size_t whole = static_cast<std::size_t>(last - buffer.data()) + 1;
    simdjson::ondemand::document_stream lines;
    if (parser.iterate_many(buffer.data(), whole, window).get(lines) != simdjson::SUCCESS) return 3;
    for (auto line : lines) {
      if (line.error() != simdjson::SUCCESS || !take(line.value_unsafe(), sums)) return 3;
    }
    held -= whole;
    std::memmove(buffer.data(), last + 1, held);
  }
  close(file);
  fmt::print("{} operations, {}\n", sums.operations, sums.bytes);
  return 0;
}
