#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "harness/cli/commands.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/version.hpp"
#include "harness/history/reader.hpp"
#include "harness/process/error.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"
#include "results/shell_command.hpp"

namespace afterwrite {

namespace {

constexpr const char* description =
    R"(afterwrite finds out whether a replicated system keeps its session guarantees:
after I write, do I see my write (read-your-writes)? Does what I read ever go back
in time (monotonic-reads)? It drives a real system, injects replication lag,
partitions and crashes, records every operation, and judges the recorded history.)";

constexpr const char* examples =
    R"(Examples
  afterwrite audit postgres --lag 500ms --read-policy any-replica
      a private PostgreSQL leader with two followers, 500 ms and 1 s behind
  afterwrite audit postgres --lag 1s --read-policy recent-writer:5s --control
      is "stick to the leader for 5 s after a write" enough here?
  afterwrite audit postgres --leader postgresql://app@db1/app --follower postgresql://app@db2/app
      the same for a system of yours (its own table, removed at the end)
  afterwrite check history.jsonl
      judge a recorded history, also one that another program logged
  afterwrite list policies

Exit codes: 0 all asked guarantees held, 1 violated, 2 unknown, 3 bad input or usage,
4 the environment failed (the system never started).)";

/// What a parser that knows no suggestions says of a word it does not know, with the nearest one.
std::string with_suggestion(const CLI::App& app, const std::string& complaint, const CommandLine& arguments) {
  const CLI::App* at = &app;
  for (const CLI::App* chosen : app.get_subcommands()) at = chosen;
  const bool command_missing = at == &app;
  std::vector<std::string> known;
  if (command_missing) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      known.push_back(command->get_name());
    }
  }
  for (const CLI::Option* option : at->get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const std::string& argument : arguments) {
    const std::string word = argument.substr(0, argument.find('='));
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    // Without a command the parser complains of that alone, whatever stands in its place.
    const bool meant = command_missing || (word.starts_with("--") && complaint.find(word) != std::string::npos);
    if (meant) return fmt::format("'{}' is not known{}", word, known_names_hint(word, known));
  }
  if (command_missing) return fmt::format("name a command: {}", fmt::join(known, ", "));
  if (const auto end = complaint.find(": At Most 1 required"); end != std::string::npos) {
    return fmt::format("{}: is given more than once; keep one", complaint.substr(0, end));
  }
  constexpr std::string_view surplus = "The following argument was not expected: ";
  if (complaint.starts_with(surplus)) {
    return fmt::format("'{}' is a word too many", complaint.substr(surplus.size()));
  }
  return complaint;
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error, const CommandLine& arguments) {
  if (error.get_exit_code() == 0) {  // --help, --version
    std::ostringstream text;
    const int code = app.exit(error, text, text);
    print(text.str());
    return code;
  }
  std::string subcommand;
  for (const CLI::App* chosen : app.get_subcommands()) subcommand = " " + chosen->get_name();
  say(fmt::format("afterwrite: {}; `afterwrite{} --help` explains\n", with_suggestion(app, error.what(), arguments),
                  subcommand));
  return static_cast<int>(ExitCode::bad_input);
}

int run(int argc, char** argv) {
  const CommandLine arguments(argv + 1, argv + argc);
  CLI::App app{description, "afterwrite"};
  app.footer(examples);
  app.set_version_flag("--version", std::string("afterwrite ") + version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  const auto commands = make_commands();
  std::vector<std::pair<CLI::App*, Subcommand*>> parsers;
  for (const auto& command : commands) parsers.emplace_back(command->add_to(app), command.get());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, arguments);
  }
  for (const auto& [parser, command] : parsers) {
    if (parser->parsed()) return static_cast<int>(command->run(arguments));
  }
  return static_cast<int>(ExitCode::bad_input);
}

}  // namespace

std::vector<std::unique_ptr<Subcommand>> make_commands() {
  std::vector<std::unique_ptr<Subcommand>> commands;
  commands.push_back(make_audit_command());
  commands.push_back(make_sweep_command());
  commands.push_back(make_check_command());
  commands.push_back(make_report_command());
  commands.push_back(make_convert_command());
  commands.push_back(make_conform_command());
  commands.push_back(make_list_command());
  commands.push_back(make_doctor_command());
  commands.push_back(make_clean_command());
  return commands;
}

std::string as_typed(const CommandLine& arguments) {
  std::vector<std::string> words{"afterwrite"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return shell_command(words);
}

}  // namespace afterwrite

int main(int argc, char** argv) {
  using afterwrite::ExitCode;
  const auto fail = [](const std::exception& error, ExitCode code) {
    afterwrite::say(fmt::format("afterwrite: {}\n", error.what()));
    return static_cast<int>(code);
  };
  afterwrite::open_standard_streams();
  try {
    const int code = afterwrite::run(argc, argv);
    if (const auto failure = afterwrite::stdout_failure()) {
      throw afterwrite::EnvironmentError(fmt::format("stdout cannot be written ({})", *failure));
    }
    return code;
  } catch (const afterwrite::UsageError& error) {
    return fail(error, ExitCode::bad_input);
  } catch (const afterwrite::BadHistory& error) {
    return fail(error, ExitCode::bad_input);
  } catch (const std::exception& error) {
    return fail(error, ExitCode::environment_failed);
  }
}
