#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>

#include "adapters/atproto/installation.hpp"
#include "adapters/etcd/etcd.hpp"
#include "adapters/postgres/postgres.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/streams.hpp"
#include "harness/process/account.hpp"
#include "harness/process/free_port.hpp"
#include "harness/process/private_folder.hpp"

namespace afterwrite {

namespace {

/// One thing that audits need here.
struct Finding {
  bool good = true;
  std::string what;
  std::string mend;  ///< what to do if it is not good
  bool needed = true;  ///< else only some audits need it
};

Finding look_for_postgres(const std::string& folder) {
  try {
    return {true, "PostgreSQL servers: " + postgres::find_programs(folder).version, ""};
  } catch (const std::exception& error) {
    return {false, "PostgreSQL servers: not found", error.what()};
  }
}

Finding look_for_etcd() {
  try {
    return {true, "etcd: " + etcd::find_program().version, ""};
  } catch (const std::exception& error) {
    return {false, "etcd: not found, for audits of etcd alone", error.what(), false};
  }
}

Finding look_for_bluesky() {
  try {
    return {true, "Bluesky stack: " + atproto::find_installation().folder.string(), ""};
  } catch (const std::exception& error) {
    return {false, "Bluesky stack: not found, for audits of Bluesky alone", error.what(), false};
  }
}

Finding look_at_temporary_folder() {
  try {
    const PrivateFolder folder;
    const auto space = std::filesystem::space(folder.path());
    constexpr std::uintmax_t needed = 1ULL << 30U;
    const std::string text = fmt::format("temporary folder: {}, {} MiB free", folder.path().parent_path().string(),
                                         space.available >> 20U);
    return {space.available >= needed, text, "a cluster needs about 1 GiB: set TMPDIR to a folder with more room"};
  } catch (const std::exception& error) {
    return {false, "temporary folder: cannot be written", error.what()};
  }
}

Finding look_at_account() {
  if (geteuid() != 0) return {true, "account: a plain user; servers run as you", ""};
  const auto account = unprivileged_account();
  if (account) return {true, fmt::format("account: root; servers run as {}", account->name), ""};
  return {false, "account: root, and there is no account to run servers as",
          "PostgreSQL refuses to run as root: create the account `postgres` (the package does), or run as a plain user"};
}

Finding look_at_ports() {
  try {
    return {true, fmt::format("loopback ports: free, e.g. {}", free_port()), ""};
  } catch (const std::exception& error) {
    return {false, "loopback ports: none to be had", error.what()};
  }
}

class DoctorCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("doctor", "Say what is missing for audits on this machine, and how to install it");
    parser->add_option("--pg-bin", pg_bin_, "Look for PostgreSQL's programs in this folder")->type_name("DIR");
    parser->footer("");
    return parser;
  }

  ExitCode run(const CommandLine& /*typed*/) override {
    bool good = true;
    for (const Finding& finding :
         {look_for_postgres(pg_bin_), look_for_etcd(), look_for_bluesky(), look_at_temporary_folder(), look_at_account(),
          look_at_ports()}) {
      print(fmt::format("{} {}\n", finding.good ? "ok     " : finding.needed ? "MISSING" : "absent ", finding.what));
      if (!finding.good) print(fmt::format("        {}\n", finding.mend));
      good = good && (finding.good || !finding.needed);
    }
    return good ? ExitCode::held : ExitCode::environment_failed;
  }

 private:
  std::string pg_bin_;
};

}  // namespace

std::unique_ptr<Subcommand> make_doctor_command() { return std::make_unique<DoctorCommand>(); }

}  // namespace afterwrite
