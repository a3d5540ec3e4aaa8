#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace afterwrite {

/// Fills the buffer with at most `size` bytes and says how many; 0 at the end, and whenever it is asked again after it.
/// May throw BadHistory. Used by one thread; copies share their place.
using ByteSource = std::function<std::size_t(char* buffer, std::size_t size)>;

/// Whether standard input is meant: `-`, even if there is a file of that name (which is `./-`).
inline bool is_standard_input(const std::filesystem::path& file) {
  return file == "-";
}

/// Whether there is no file that a later command could name: standard input, a pipe, a descriptor of this process.
bool is_read_once(const std::filesystem::path& file);

/// The bytes of a file, or of standard input; `name` stands for it in messages. Throws BadHistory.
ByteSource open_bytes(const std::filesystem::path& file, const std::string& name);

/// The bytes of a text, which must outlive the source.
ByteSource bytes_of(std::string_view text);

/// Looks at the first bytes of a source without taking them away.
class Beginning {
 public:
  Beginning(ByteSource source, std::size_t size);

  /// At most `size` bytes; fewer only if the source holds no more.
  std::string_view bytes() const { return bytes_; }

  /// The whole again, these bytes included. Call once.
  ByteSource all() &&;

 private:
  ByteSource source_;
  std::string bytes_;
};

}  // namespace afterwrite
