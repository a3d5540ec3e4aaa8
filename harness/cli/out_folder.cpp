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

void make_folder(const fs::path& folder) {
  std::error_code cause;
  fs::create_directories(folder, cause);
  if (cause) refuse(folder, cause);
}

OutFolder::OutFolder(const std::string& asked, const Scenario& scenario) {
  std::error_code unseen;
  if (!asked.empty() && fs::exists(fs::path(asked) / "history.jsonl", unseen)) {
    throw UsageError(fmt::format("--out: {} holds a run already; name another folder, or remove that one", asked));
  }
  try {
    if (!asked.empty()) {
      make(asked);
      path_ = asked;
    } else {
      make_named("afterwrite-runs",
                 fmt::format("{:%Y%m%d-%H%M%S}-{}-{}", fmt::localtime(std::time(nullptr)), scenario.system,
                             folder_word(scenario.read_policy)));
    }
  } catch (...) {
    take_back();
    throw;
  }
}

OutFolder::~OutFolder() { take_back(); }

void OutFolder::make_named(const fs::path& runs, const std::string& name) {
  make(runs);
  // Two runs may begin in the same second: whoever makes the folder has it.
  constexpr int most_tries = 1000;
  for (int attempt = 1; attempt <= most_tries; ++attempt) {
    const fs::path folder = runs / (attempt == 1 ? name : fmt::format("{}-{}", name, attempt));
    std::error_code cause;
    if (fs::create_directory(folder, cause)) {
      made_.push_back(folder);
      path_ = folder;
      return;
    }
    if (cause) refuse(folder, cause);
  }
  refuse(runs / name, std::make_error_code(std::errc::file_exists));
}

void OutFolder::make(const fs::path& folder) {
  std::vector<fs::path> steps;
  for (fs::path step = folder; !step.empty() && steps.size() < 256; step = step.parent_path()) {
    std::error_code unseen;
    if (step == step.parent_path() || fs::is_directory(step, unseen)) break;
    steps.push_back(step);
  }
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    std::error_code cause;
    if (fs::create_directory(*step, cause)) made_.push_back(*step);
    if (cause) refuse(folder, cause);
  }
}

// What is not empty stays, and so does all that it lies in.
void OutFolder::take_back() noexcept {
  std::error_code not_empty;
  while (!made_.empty() && fs::remove(made_.back(), not_empty) && !not_empty) made_.pop_back();
}

}  // namespace afterwrite
