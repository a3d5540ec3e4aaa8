#pragma once

#include "harness/process/descriptor.hpp"

namespace afterwrite {

/// The watchdog's own process, from right after the fork (all signals blocked) to its end: takes messages from `socket`
/// until its other end closes, then ends and removes what is registered. Never returns.
[[noreturn]] void run_watchdog_process(Descriptor socket) noexcept;

}  // namespace afterwrite
