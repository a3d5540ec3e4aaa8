#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace afterwrite::http {

/// A text that must not be shown, and what is shown in its place: `{env:TOKEN}`.
struct Secret {
  std::string text;
  std::string shown;
  bool operator==(const Secret&) const = default;
};

/// `text` with each secret in it replaced, in whatever form services and logs repeat it: as it is; percent-encoded, in
/// whole or in part, once or more often, with hexadecimal digits of either case and `+` for a blank; escaped as in
/// JSON, once or more often; escaped as in HTML. Matches that overlap are replaced together. What stands in the place
/// of a secret already (`{...}`) stays. Has to see the whole text: shorten what it returns, not what it is given. Any
/// thread may call.
std::string redacted(std::string_view text, const std::vector<Secret>& secrets);

/// Makes of a text what may be shown of it.
using Redact = std::function<std::string(std::string_view)>;

}  // namespace afterwrite::http
