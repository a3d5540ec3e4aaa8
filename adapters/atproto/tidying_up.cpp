#include "adapters/atproto/tidying_up.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <vector>

#include "adapters/atproto/bluesky.hpp"
#include "adapters/atproto/xrpc.hpp"

namespace afterwrite::atproto {
namespace {

constexpr auto each_within = std::chrono::seconds(10);

}  // namespace

void tidy_up(const Server& pds, const AuditedAccount& account) {
  Xrpc xrpc(pds.url, pds.options, pds.pace);
  std::vector<std::string> records = account.first_records;
  bool profile = false;
  for (const auto& [name, key] : account.keys) {
    if (is_profile_field(key.kind)) {
      profile = true;
    } else if (!key.rkey.empty()) {
      records.push_back(fmt::format("{}/{}", key.collection, key.rkey));
    }
  }
  std::string left;
  const auto call = [&](const char* procedure, const nlohmann::json& input, const std::string& what) {
    const Response response = xrpc.post(procedure, input, account.who.token, Clock::now() + each_within);
    if (!response.ok()) left += fmt::format("\n  {}: {}", what, response.why);
  };
  for (const std::string& record : records) {
    const std::size_t slash = record.find('/');
    call("com.atproto.repo.deleteRecord",
         {{"repo", account.who.did}, {"collection", record.substr(0, slash)}, {"rkey", record.substr(slash + 1)}},
         record);
  }
  if (profile) {
    nlohmann::json input{{"repo", account.who.did}, {"collection", profile_collection}, {"rkey", "self"}};
    if (account.first_profile.empty()) {
      call("com.atproto.repo.deleteRecord", input, "the profile");
    } else {
      input["record"] = account.first_profile;
      call("com.atproto.repo.putRecord", input, "the profile");
    }
  }
  if (!left.empty()) {
    std::fputs(
        fmt::format("afterwrite: these could not be deleted from the repository of {}; delete them yourself:{}\n",
                    account.who.handle, left)
            .c_str(),
        stderr);
  }
}

}  // namespace afterwrite::atproto
