# Every target of ours links this one (PRIVATE): the warnings that matter, each an error.
# Libraries from packages come in as system includes and are not judged.
add_library(afterwrite_warnings INTERFACE)
target_compile_options(afterwrite_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow
  -Wconversion -Wsign-conversion
  -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align
  -Wformat=2
  -Wimplicit-fallthrough
  -Wextra-semi)

# g++ 12 sees uninitialised memory inside <regex> once it is instrumented; the release build keeps the warning.
if(AFTERWRITE_FUZZ)
  target_compile_options(afterwrite_warnings INTERFACE -Wno-error)  # g++ judges; clang is here for libFuzzer
elseif(AFTERWRITE_SANITIZER)
  target_compile_options(afterwrite_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
