#pragma once

#include <string>

#include "harness/history/reader.hpp"
#include "results/repeating.hpp"

namespace CLI {
class App;
}

namespace afterwrite {

/// The flags that say what a history file does not say of itself. Outlives the parser, which writes into it.
class ReadingFlags {
 public:
  void add_to(CLI::App& parser);

  /// Throws UsageError.
  ReadOptions options() const;

  /// Those that were given, for a command that reads the same.
  GivenFlags given() const;

 private:
  std::string format_;
  std::string initial_;
  std::string version_field_;
};

/// A format by its name, as `flag` gives it. Throws UsageError with the nearest known name.
HistoryFormat asked_format(const std::string& name, std::string_view flag);

}  // namespace afterwrite
