#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace afterwrite::http {

/// Who a URL leads to.
struct Origin {
  std::string scheme;  ///< `http` or `https`
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Origin&) const = default;
};

/// Nothing if `url` is no absolute URL of http or https.
std::optional<Origin> origin_of(const std::string& url);

/// Whether the URL carries a user or a password: `http://me:secret@host/`.
bool has_credentials(const std::string& url);

/// Where a `Location` in the answer to `base` leads; nothing if that is no URL of http or https.
std::optional<std::string> resolved_url(const std::string& base, const std::string& location);

}  // namespace afterwrite::http
