#include "harness/process/find_program.hpp"

#include <boost/filesystem/path.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/search_path.hpp>

namespace afterwrite {

std::optional<std::filesystem::path> find_program(const std::string& name,
                                                  const std::vector<std::filesystem::path>& folders) {
  std::vector<boost::filesystem::path> searched;
  searched.reserve(folders.size());
  for (const auto& folder : folders)
    searched.emplace_back(folder.string());
  for (const auto& folder : boost::this_process::path())
    searched.push_back(folder);
  const auto found = boost::process::search_path(name, searched);
  if (found.empty()) return std::nullopt;
  return found.string();
}

}  // namespace afterwrite
