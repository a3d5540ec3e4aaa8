#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace afterwrite {

/// The first executable file of that name in `folders`, then in $PATH. Any thread may call.
std::optional<std::filesystem::path> find_program(const std::string& name,
                                                  const std::vector<std::filesystem::path>& folders = {});

}  // namespace afterwrite
