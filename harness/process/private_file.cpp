#include "harness/process/private_file.hpp"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <fmt/format.h>
#include <random>
#include <sys/stat.h>
#include <sys/types.h>
#include <system_error>
#include <unistd.h>

#include "harness/process/descriptor.hpp"

namespace afterwrite {

void write_private_file(const std::filesystem::path& file, const std::string& content,
                        const std::optional<Account>& account) {
  const Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  bool good = static_cast<bool>(descriptor);
  if (good && account) good = fchown(descriptor.get(), account->uid, account->gid) == 0;
  for (std::size_t written = 0; good && written < content.size();) {
    const ssize_t count = ::write(descriptor.get(), content.data() + written, content.size() - written);
    good = count > 0;
    if (good) written += static_cast<std::size_t>(count);
  }
  if (!good) {
    throw ProcessError(fmt::format("cannot write {}: {}", file.string(), std::generic_category().message(errno)));
  }
}

std::string random_password() {
  std::random_device device;
  std::string password;
  for (int word = 0; word < 4; ++word)
    password += fmt::format("{:08x}", static_cast<std::uint32_t>(device()));
  return password;
}

}  // namespace afterwrite
