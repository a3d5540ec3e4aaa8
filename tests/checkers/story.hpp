#pragma once

#include <string_view>

#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// A small history from plain text, an operation a line in order of completion:
///
///     SESSION[/USER][.PROCESS] write|append|delete|read VALUE INVOKE COMPLETE [info|fail] [v=VERSION|v=EPOCH:VERSION]
///     [k=KEY]
///
/// A value is a word, `-` for nothing there, `[a,b]` for a list. Without k= the key is `x`; the user and the
/// process are the session's own unless named. Empty lines and everything after `#` are skipped. One-line texts may
/// part operations with `;`. Throws std::invalid_argument for anything else.
History story(std::string_view text);

}  // namespace afterwrite::oracle
