#include "harness/history/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include "harness/history/bad_history.hpp"

namespace afterwrite {

bool is_read_once(const std::filesystem::path& file) {
  std::error_code unseen;
  return is_standard_input(file) || !std::filesystem::is_regular_file(file, unseen) || file.string().starts_with("/dev/") ||
         file.string().starts_with("/proc/");
}

ByteSource open_bytes(const std::filesystem::path& file, const std::string& name) {
  const auto refuse = [name](int error) {
    throw BadHistory(
        fmt::format("{}: cannot be read: {}; name a history.jsonl that may be read", name, std::strerror(error)));
  };
  std::error_code error;
  if (!is_standard_input(file) && std::filesystem::is_directory(file, error)) {
    throw BadHistory(fmt::format("{}: is a folder; name the history.jsonl in it", name));
  }
  std::shared_ptr<std::FILE> stream;
  if (is_standard_input(file)) {
    stream = {stdin, [](std::FILE*) {}};
  } else {
    errno = 0;
    stream = {std::fopen(file.c_str(), "rb"), [](std::FILE* opened) {
                if (opened != nullptr) std::fclose(opened);
              }};
    if (!stream) refuse(errno);
  }
  // Whoever reads has a buffer of its own.
  std::setvbuf(stream.get(), nullptr, _IONBF, 0);
  return [stream, refuse](char* buffer, std::size_t size) {
    errno = 0;
    const std::size_t got = std::fread(buffer, 1, size, stream.get());
    if (got < size && std::ferror(stream.get()) != 0) refuse(errno);
    return got;
  };
}

ByteSource bytes_of(std::string_view text) {
  return [place = std::make_shared<std::string_view>(text)](char* buffer, std::size_t size) {
    const std::size_t part = std::min(size, place->size());
    place->copy(buffer, part);
    place->remove_prefix(part);
    return part;
  };
}

Beginning::Beginning(ByteSource source, std::size_t size) : source_(std::move(source)), bytes_(size, '\0') {
  std::size_t held = 0;
  while (held < size) {
    const std::size_t got = source_(bytes_.data() + held, size - held);
    if (got == 0) break;
    held += got;
  }
  bytes_.resize(held);
}

ByteSource Beginning::all() && {
  auto held = std::make_shared<std::string>(std::move(bytes_));
  return [held, first = bytes_of(*held), source = std::move(source_)](char* buffer, std::size_t size) {
    const std::size_t got = first(buffer, size);
    return got > 0 ? got : source(buffer, size);
  };
}

}  // namespace afterwrite
