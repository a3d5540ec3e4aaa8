#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

/// What libFuzzer calls, and the replay of the corpus. A finding ends the program: abort(), a sanitizer's report, an exception that nobody
/// expected. Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace afterwrite::fuzz {

/// A property that no input may break.
inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::cerr << "finding: " << what << "\n";
  std::abort();
}

}  // namespace afterwrite::fuzz
