#pragma once

#include <filesystem>
#include <string_view>

namespace afterwrite {

/// A file under a name of its own, beside that of its target, until it is whole: nobody ever finds a half under the
/// target's name. Unless it is put there it is removed again. One thread at a time; not two at once for one target in
/// one process.
///
/// All that fails throws std::system_error with the cause as its code.
class UnfinishedFile {
 public:
  /// Creates it, in the folder of the target, which must be there.
  explicit UnfinishedFile(const std::filesystem::path& target);
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;
  ~UnfinishedFile();

  /// What that of a target is called until then, in this process.
  static std::filesystem::path name_for(const std::filesystem::path& target);

  void write(std::string_view text);

  /// Puts it, whole, into the place of the target in one step.
  void replace_target();
  /// The same where nothing may be there yet: fails with EEXIST if something is.
  void become_target();

 private:
  void flush();
  void finished();

  std::filesystem::path target_;
  std::filesystem::path name_;
  int descriptor_;
};

}  // namespace afterwrite
