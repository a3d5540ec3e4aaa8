#include "harness/process/account.hpp"

#include <pwd.h>
#include <unistd.h>
#include <vector>

#include "harness/process/account_home.hpp"
#include "harness/process/error.hpp"

namespace afterwrite {

namespace {

/// The entry that `lookup` (getpwnam_r or getpwuid_r, its key bound) finds. Its strings live in `buffer`.
template <typename Lookup>
std::optional<passwd> find_entry(std::vector<char>& buffer, Lookup lookup) {
  buffer.resize(16'384);
  passwd entry{};
  passwd* found = nullptr;
  if (lookup(&entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return entry;
}

}  // namespace

std::optional<Account> unprivileged_account() {
  if (::geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    std::vector<char> buffer;
    const auto entry = find_entry(buffer, [name](auto... rest) { return ::getpwnam_r(name, rest...); });
    if (entry && entry->pw_uid != 0) return Account{entry->pw_uid, entry->pw_gid, name};
  }
  throw ProcessError(
      "run as root, and there is neither a user postgres nor a user nobody to start servers as; "
      "run as another user, or add one of them");
}

std::string account_home(const Account& account) {
  std::vector<char> buffer;
  const auto entry = find_entry(buffer, [&account](auto... rest) { return ::getpwuid_r(account.uid, rest...); });
  return entry ? entry->pw_dir : "/";
}

}  // namespace afterwrite
