#pragma once

#include <string>
#include <string_view>

namespace afterwrite {

/// A file that others write to as well, as the page of a CI job: what is there stays. It is made if it is not there.
class AppendedFile {
 public:
  /// `flag` named it. Throws EnvironmentError if it cannot be written.
  AppendedFile(std::string path, std::string_view flag);
  AppendedFile(const AppendedFile&) = delete;
  AppendedFile& operator=(const AppendedFile&) = delete;
  ~AppendedFile();

  /// Throws EnvironmentError.
  void write(std::string_view text) const;

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  std::string flag_;
  int descriptor_;
};

}  // namespace afterwrite
