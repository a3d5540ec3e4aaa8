#include "results/repeating.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "results/shell_command.hpp"

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

void add_given(GivenFlags& given, const GivenFlags& more) {
  std::copy_if(more.begin(), more.end(), std::back_inserter(given), [](const auto& flag) { return !flag.second.empty(); });
}

std::string command_on_file(const std::vector<std::string>& command, const GivenFlags& given, const std::string& file,
                            const std::vector<std::string>& more) {
  std::vector<std::string> words{"afterwrite"};
  words.insert(words.end(), command.begin(), command.end());
  for (const auto& [flag, value] : given) {
    if (value.starts_with('-')) {  // not to be taken for a flag
      words.push_back(flag + "=" + value);
    } else {
      words.insert(words.end(), {flag, value});
    }
  }
  words.push_back(file_argument(file));
  words.insert(words.end(), more.begin(), more.end());
  return if_copyable(shell_command(words));
}

std::string judging_command(const History& history, const GivenFlags& given, const std::vector<std::string>& more) {
  return command_on_file({"check"}, given, history.is_stream ? "-" : history.name, more);
}

std::string lines_command(const History& history, const std::vector<std::uint64_t>& lines) {
  if (history.is_stream || lines.empty()) return "";
  std::string wanted;
  for (const std::uint64_t line : lines) {
    if (line == 0) return "";  // was not read from a file
    wanted += fmt::format("{}{}p", wanted.empty() ? "" : ";", line);
  }
  const std::string sed = fmt::format("sed -n '{}'", wanted);
  const std::string file = shell_word(file_argument(history.name));
  if (history.packing == Packing::none) return if_copyable(fmt::format("{} {}", sed, file));
  // `<`: whatever the file is called, though it may not end in .gz.
  return if_copyable(fmt::format("{} < {} | {}", history.packing == Packing::gzip ? "zcat" : "zstdcat", file, sed));
}

}  // namespace afterwrite
