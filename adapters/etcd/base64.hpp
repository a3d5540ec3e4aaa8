#pragma once

#include <optional>
#include <string>
#include <string_view>

// Keys and values as etcd's JSON gateway wants them: standard alphabet, padded (RFC 4648, section 4).
namespace afterwrite::etcd {

std::string base64_encoded(std::string_view bytes);

/// Nothing for what is no whole base64 text: another letter, a missing or misplaced padding, bits that are left over.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace afterwrite::etcd
