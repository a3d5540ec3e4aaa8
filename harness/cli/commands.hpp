#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/cli/exit_code.hpp"

namespace CLI {
class App;
}

namespace afterwrite {

/// The command as the user typed it, for reports. Arguments hold no secrets: those come by environment or files.
using CommandLine = std::vector<std::string>;
std::string as_typed(const CommandLine& arguments);

/// A subcommand of `afterwrite`: adds itself to the parser, and is run if it was chosen. One file each.
class Subcommand {
 public:
  Subcommand() = default;
  Subcommand(const Subcommand&) = delete;
  Subcommand& operator=(const Subcommand&) = delete;
  virtual ~Subcommand() = default;

  /// Called once, before parsing. The options write into this object, which outlives the parser.
  virtual CLI::App* add_to(CLI::App& app) = 0;

  /// Throws UsageError or EnvironmentError.
  virtual ExitCode run(const CommandLine& typed) = 0;
};

/// All of them, in the order of `--help`.
std::vector<std::unique_ptr<Subcommand>> make_commands();

std::unique_ptr<Subcommand> make_audit_command();
std::unique_ptr<Subcommand> make_sweep_command();
std::unique_ptr<Subcommand> make_check_command();
std::unique_ptr<Subcommand> make_report_command();
std::unique_ptr<Subcommand> make_convert_command();
std::unique_ptr<Subcommand> make_conform_command();
std::unique_ptr<Subcommand> make_list_command();
std::unique_ptr<Subcommand> make_doctor_command();
std::unique_ptr<Subcommand> make_clean_command();

}  // namespace afterwrite
