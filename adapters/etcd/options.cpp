#include <cstdint>
#include <fmt/format.h>
#include <random>
#include <regex>

#include "adapters/etcd/etcd.hpp"
#include "harness/process/child.hpp"
#include "harness/process/find_program.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::etcd {
namespace {

constexpr auto version_patience = std::chrono::seconds(10);

}  // namespace

bool serializable_asked(const std::map<std::string, std::string>& options) {
  bool serializable = false;
  for (const auto& [name, value] : options) {
    if (name != "reads") {
      throw UsageError(
          fmt::format("--opt {}={}: etcd has no option '{}'{}", name, value, name, known_names_hint(name, {"reads"})));
    }
    if (value != "linearizable" && value != "serializable") {
      throw UsageError(fmt::format("--opt reads={}: no such reads{}", value,
                                   known_names_hint(value, {"linearizable", "serializable"})));
    }
    serializable = value == "serializable";
  }
  return serializable;
}

std::string random_prefix() {
  std::random_device device;
  return fmt::format("afterwrite/{:08x}{:08x}/", static_cast<std::uint32_t>(device()),
                     static_cast<std::uint32_t>(device()));
}

Program find_program() {
  const auto etcd = afterwrite::find_program("etcd");
  if (!etcd) {
    throw EnvironmentError(
        "the program etcd is not in $PATH: install it (apt-get install etcd-server; scripts/install-packages sees to "
        "it that the package "
        "starts no server), or audit a cluster of yours with --leader and --follower");
  }
  Command command;
  command.program = *etcd;
  command.arguments = {"--version"};
  std::string said;
  try {
    said = run_command(command, Clock::now() + version_patience);
  } catch (const ProcessError& error) {
    throw EnvironmentError(fmt::format("cannot ask {} for its version: {}", etcd->string(), error.what()));
  }
  std::smatch match;
  const std::regex form(R"(etcd Version: ((\d+)\.(\d+)\S*))");
  if (!std::regex_search(said, match, form) || std::stoi(match[2]) < 3 ||
      (match[2] == "3" && std::stoi(match[3]) < 4)) {
    throw EnvironmentError(
        fmt::format("{} is no etcd 3.4 or newer: it says '{}'", etcd->string(), said.substr(0, said.find('\n'))));
  }
  return {*etcd, match[1]};
}

}  // namespace afterwrite::etcd
