#pragma once

#include <string>
#include <string_view>

#include "results/unfinished_file.hpp"

namespace afterwrite {

/// A file that --out names and that must not be there yet: what is there may be the history itself. It gets its name
/// when it is finished, since a half would be taken for a whole; until then SIGINT, SIGTERM and SIGHUP remove what is
/// there of it before they end the process. The main thread only, one at a time.
class NewFile {
 public:
  /// Throws UsageError if something of that name is there, EnvironmentError if it cannot be created.
  explicit NewFile(std::string path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Throws EnvironmentError.
  void write(std::string_view text);
  /// Throws what the constructor throws: something may have come by that name meanwhile.
  void finish();

 private:
  /// Sees to it that a signal removes the file of that name, which need not be there.
  class RemovedBySignals {
   public:
    explicit RemovedBySignals(std::string name);
    RemovedBySignals(const RemovedBySignals&) = delete;
    RemovedBySignals& operator=(const RemovedBySignals&) = delete;
    ~RemovedBySignals();

   private:
    std::string name_;
  };

  UnfinishedFile created() const;
  [[noreturn]] void fail(int cause) const;

  std::string path_;
  RemovedBySignals removed_;
  UnfinishedFile file_;
};

}  // namespace afterwrite
