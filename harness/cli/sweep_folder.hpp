#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/sweep_axes.hpp"
#include "harness/process/descriptor.hpp"

namespace afterwrite {

/// The folder of a sweep: sweep.json, which is whole at any moment, and a folder for each cell in `cells`. A cell is
/// done once its cell.json is there, which is written last; the folder of any other is made anew. Locked while this lives.
/// Belongs to one thread.
class SweepFolder {
 public:
  /// `asked` empty: ./afterwrite-runs/<time>-sweep-<system>, which the plan's command names then. `plan` holds the members of sweep.json but for the cells.
  /// Throws UsageError if `asked` holds a sweep already and it is not to be resumed, or if that is another one, or going on;
  /// EnvironmentError if the folder cannot be made.
  SweepFolder(const std::string& asked, nlohmann::ordered_json plan, const std::vector<SweepSettings>& cells,
              bool resume);

  const std::filesystem::path& path() const { return path_; }
  bool done(std::size_t cell) const { return json_.at("cells").at(cell).at("state") == "done"; }

  /// The folder for a cell that begins: nothing is in it.
  std::filesystem::path fresh(std::size_t cell);

  /// Both write sweep.json. `outcome`: sweep_outcome_json().
  void finish(std::size_t cell, double seconds, const nlohmann::ordered_json& outcome);
  void fail(std::size_t cell, const std::string& why);

  /// As sweep.json is, in one line; bytes that are not UTF-8 are replaced.
  std::string text() const;
  /// As sweep.json is.
  const nlohmann::ordered_json& json() const { return json_; }

 private:
  void take_finished(std::size_t cell);
  std::filesystem::path folder(std::size_t cell) const;
  void write() const;

  std::filesystem::path path_;
  Descriptor lock_;
  nlohmann::ordered_json json_;
};

/// The seed of the sweep in a folder that is to be resumed. Throws UsageError if none is there, or its sweep.json is no sweep.
std::uint64_t recorded_seed(const std::filesystem::path& folder);

}  // namespace afterwrite
