#include "harness/cli/out_folder.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "harness/session/errors.hpp"

namespace afterwrite {

namespace fs = std::filesystem;

namespace {

/// Policies have parameters (`recent-writer:5s`), names of folders had better not.
std::string folder_word(std::string text) {
  for (char& c : text) {
    if (c == ':' || c == '=' || c == '/' || c == ' ') c = '-';
  }
  return text;
}

[[noreturn]] void refuse(const fs::path& folder, const std::error_code& cause) {
  throw EnvironmentError(fmt::format("{}: the folder for the reports cannot be made ({}); name another with --out",
                                     folder.string(), cause.message()));
}

}  // namespace

fs::path make_out_folder(const std::string& asked, const Scenario& scenario) {
  std::error_code cause;
  if (!asked.empty()) {
    const fs::path folder = asked;
    if (fs::exists(folder / "history.jsonl", cause)) {
      throw UsageError(fmt::format("--out: {} holds a run already; name another folder, or remove that one", asked));
    }
    fs::create_directories(folder, cause);
    if (cause) refuse(folder, cause);
    return folder;
  }
  const std::string name = fmt::format("{:%Y%m%d-%H%M%S}-{}-{}", fmt::localtime(std::time(nullptr)), scenario.system,
                                       folder_word(scenario.read_policy));
  const fs::path runs = "afterwrite-runs";
  fs::create_directories(runs, cause);
  if (cause) refuse(runs, cause);
  // Two runs may begin in the same second: whoever makes the folder has it.
  constexpr int most_tries = 1000;
  for (int attempt = 1; attempt <= most_tries; ++attempt) {
    const fs::path folder = runs / (attempt == 1 ? name : fmt::format("{}-{}", name, attempt));
    if (fs::create_directory(folder, cause)) return folder;
    if (cause) refuse(folder, cause);
  }
  refuse(runs / name, std::make_error_code(std::errc::file_exists));
}

}  // namespace afterwrite
