#include "harness/run/fault_play.hpp"

#include <exception>
#include <fmt/format.h>

namespace afterwrite {

void FaultPlay::begin() {
  nemesis_.begin_whole_run();
  thread_ = std::jthread([this](const std::stop_token& stop) { play(stop); });
}

void FaultPlay::heal() noexcept {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  nemesis_.heal_all();
}

void FaultPlay::play(const std::stop_token& stop) noexcept {
  try {
    nemesis_.run(stop);
  } catch (const std::exception& error) {
    control_.note(fmt::format("the schedule of faults was broken off: {}", error.what()));
  } catch (...) {
    control_.note("the schedule of faults was broken off");
  }
}

}  // namespace afterwrite
