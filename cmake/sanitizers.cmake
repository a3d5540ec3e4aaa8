# AFTERWRITE_SANITIZER turns sanitizers on for everything that is built here. They fail hard: the first
# report ends the program with a non-zero status (see sanitizer_options.cpp for the run-time half).
add_library(afterwrite_sanitizer_options INTERFACE)

if(AFTERWRITE_SANITIZER STREQUAL "address")
  set(sanitizer_flags -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(AFTERWRITE_SANITIZER STREQUAL "thread")
  set(sanitizer_flags -fsanitize=thread)
  # ThreadSanitizer does not understand the fences that Boost.Asio puts around handlers (g++ refuses to compile them);
  # the mutexes inside Asio order everything that we hand it.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
elseif(NOT AFTERWRITE_SANITIZER STREQUAL "")
  message(FATAL_ERROR
    "AFTERWRITE_SANITIZER is '${AFTERWRITE_SANITIZER}'; it may be empty, 'address' or 'thread'")
endif()

# libFuzzer steers by the code that an input reaches; its own main is linked into the fuzz targets alone (tests/fuzz).
if(AFTERWRITE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

if(sanitizer_flags)
  # -O1 keeps the stack traces readable and the tests quick enough.
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1 -fno-omit-frame-pointer")
  add_compile_options(${sanitizer_flags})
  add_link_options(${sanitizer_flags})
  target_sources(afterwrite_sanitizer_options INTERFACE
    "${PROJECT_SOURCE_DIR}/cmake/sanitizer_options.cpp")
endif()
