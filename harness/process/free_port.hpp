#pragma once

#include <cstdint>

#include "harness/process/error.hpp"

namespace afterwrite {

/// A TCP port of 127.0.0.1 that nobody listens on now. Only for servers that cannot choose one themselves: someone else
/// may take it before the server does, so if the server says that its port is in use, ask again. Any thread may call.
/// Throws ProcessError if none can be had.
std::uint16_t free_port();

}  // namespace afterwrite
