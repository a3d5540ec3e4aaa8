# Every library from a package, found once. The targets to link:
#
#   PkgConfig::libpq                libpq
#   CURL::libcurl                   HTTP; only for harness/http
#   Boost::headers                  Boost.Asio, Boost.Math and other header-only parts
#   afterwrite_boost_process        Boost.Process (v1) with what it links; only for harness/process
#   nlohmann_json::nlohmann_json    JSON, convenient
#   simdjson::simdjson              JSON, fast, for reading histories; keep the ondemand::document in a variable,
#                                   a temporary of it reads wrongly
#   ZLIB::ZLIB, PkgConfig::zstd     histories packed with gzip and zstd
#   CLI11::CLI11                    command lines
#   fmt::fmt, spdlog::spdlog        formatting, logs
#   Threads::Threads                std::thread
#   AFTERWRITE_CHART_JS             (a file) Chart.js 3, embedded in the report page
# and for tests and benchmarks
#   GTest::gtest GTest::gmock GTest::gtest_main GTest::gmock_main
#   rapidcheck, rapidcheck_gtest    properties; the latter for <rapidcheck/gtest.h>
#   valijson                        JSON Schema, with valijson/adapters/nlohmann_json_adapter.hpp
#   benchmark::benchmark

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# Not find_package(PostgreSQL): CMake's module wants the server's headers too, which libpq-dev has not.
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)

find_package(CURL REQUIRED)

# Debian splits Boost: the headers are one package, each compiled library another. Boost.Process is
# header-only but needs Boost.Filesystem, which is compiled.
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem)
add_library(afterwrite_boost_process INTERFACE)
target_link_libraries(afterwrite_boost_process INTERFACE Boost::headers Boost::filesystem Threads::Threads)

find_package(ZLIB REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
# Debian's spdlog uses the fmt package, so both agree on one fmt.
find_package(spdlog REQUIRED)

# No CMake package has it: a script that Debian installs for web servers.
find_file(AFTERWRITE_CHART_JS chart.min.js
  PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist
  NO_DEFAULT_PATH
  DOC "Chart.js 3, embedded in the report page")
if(NOT AFTERWRITE_CHART_JS)
  message(FATAL_ERROR "Chart.js was not found in /usr/share/javascript/chart.js: install libjs-chart.js "
                      "(scripts/install-packages build), or name the file chart.min.js with -DAFTERWRITE_CHART_JS=FILE")
endif()
file(READ "${AFTERWRITE_CHART_JS}" chart_js LIMIT 300)
if(NOT chart_js MATCHES "Chart.js v3\\.")
  message(FATAL_ERROR "${AFTERWRITE_CHART_JS} is not Chart.js 3, for which the report page is written: install libjs-chart.js "
                      "(scripts/install-packages build), or name another file with -DAFTERWRITE_CHART_JS=FILE")
endif()

if(AFTERWRITE_TESTS)
  find_package(GTest REQUIRED)
  # rapidcheck and valijson export plain names, without a namespace.
  find_package(rapidcheck REQUIRED)
  find_package(valijson REQUIRED)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()
