#pragma once

#include <string>
#include <string_view>

namespace afterwrite {

/// A file that --out names and that must not be there yet: what is there may be the history itself. Unless it is
/// finished, it is removed again, since a half would be taken for a whole.
class NewFile {
 public:
  /// Throws UsageError if something of that name is there, EnvironmentError if it cannot be created.
  explicit NewFile(std::string path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  /// Both throw EnvironmentError.
  void write(std::string_view text);
  void finish();

 private:
  [[noreturn]] void fail(int cause) const;

  std::string path_;
  int descriptor_ = -1;
  bool finished_ = false;
};

}  // namespace afterwrite
