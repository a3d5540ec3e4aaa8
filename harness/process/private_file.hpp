#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/process/account.hpp"
#include "harness/process/error.hpp"

namespace afterwrite {

/// Writes a file, whole, that `account` alone may read (nothing: we). A symlink in its place is not followed. Any
/// thread may call. Throws ProcessError.
void write_private_file(const std::filesystem::path& file, const std::string& content,
                        const std::optional<Account>& account);

/// For servers of the run's own: loopback is open to everyone on the machine. 128 random bits, in hexadecimal digits.
std::string random_password();

}  // namespace afterwrite
