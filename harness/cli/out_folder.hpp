#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/run/scenario.hpp"

namespace afterwrite {

/// Makes a folder for reports, and what it lies in, unless it is there. Throws EnvironmentError.
void make_folder(const std::filesystem::path& folder);

/// The folder that takes a run's history and reports: `asked`, or ./afterwrite-runs/<time>-<system>-<policy> if that is empty. What
/// had to be made for it is taken away again if nothing was put there: a run that was refused leaves no trace.
class OutFolder {
 public:
  /// Throws UsageError if `asked` already holds a run (nothing recorded is ever written over), EnvironmentError if it cannot be made.
  OutFolder(const std::string& asked, const Scenario& scenario);
  OutFolder(const OutFolder&) = delete;
  OutFolder& operator=(const OutFolder&) = delete;
  ~OutFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  void make_named(const std::filesystem::path& runs, const std::string& name);
  void make(const std::filesystem::path& folder);
  void take_back() noexcept;

  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_;  // the outermost first
};

}  // namespace afterwrite
