#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "adapters/postgres/postgres.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/streams.hpp"
#include "harness/process/private_folder.hpp"

namespace afterwrite {

namespace {

class CleanCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("clean", "Remove what runs that were killed left behind");
    parser->add_option("--leader", leaders_,
                       "Also look in this PostgreSQL for tables of runs that are gone, and drop them")
        ->type_name("URL");
    parser->footer("Folders of servers that a killed run started are removed from the temporary folder; those of\n"
                   "a run that still goes on are left alone.\n\n"
                   "Examples\n  afterwrite clean\n  afterwrite clean --leader postgresql://app@db1/app");
    return parser;
  }

  ExitCode run(const CommandLine& /*typed*/) override {
    const auto folders = sweep_leftovers();
    for (const auto& folder : folders) print(fmt::format("removed {}\n", folder.string()));
    postgres::Swept tables;
    if (!leaders_.empty()) tables = postgres::sweep(leaders_);
    for (const std::string& table : tables.removed) print(fmt::format("dropped table {}\n", table));
    for (const std::string& table : tables.kept) print(fmt::format("kept table {}\n", table));
    if (folders.empty() && tables.removed.empty()) print("nothing to clean\n");
    return ExitCode::held;
  }

 private:
  std::vector<std::string> leaders_;
};

}  // namespace

std::unique_ptr<Subcommand> make_clean_command() { return std::make_unique<CleanCommand>(); }

}  // namespace afterwrite
