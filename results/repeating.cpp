#include "results/repeating.hpp"

#include <fmt/format.h>

namespace afterwrite {
namespace {

/// Whether a word outside of quotes is this flag, with or without its value: an adapter's own flags stand in quotes.
bool names(std::string_view command, std::string_view flag) {
  bool quoted = false;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] == '\\' && !quoted) {
      ++i;
    } else if (command[i] == '\'') {
      quoted = !quoted;
    } else if (!quoted && command[i] == ' ' && command.substr(i + 1).starts_with(flag)) {
      const std::string_view after = command.substr(i + 1 + flag.size(), 1);
      if (after.empty() || after == " " || after == "=") return true;
    }
  }
  return false;
}

}  // namespace

std::string with_seed(std::string command, std::uint64_t seed) {
  if (!names(command, "--seed")) command += fmt::format(" --seed {}", seed);
  return command;
}

std::string repeating_command(const Header& header) {
  const auto command = header.all.find("command");
  if (command == header.all.end() || !command->is_string()) return "";
  auto text = command->get<std::string>();
  return header.seed && !text.empty() ? with_seed(std::move(text), *header.seed) : text;
}

}  // namespace afterwrite
