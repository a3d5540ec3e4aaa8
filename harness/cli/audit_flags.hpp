#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/concluding.hpp"
#include "harness/run/scenario.hpp"

namespace CLI {
class App;
}

namespace afterwrite {

/// The flags of `afterwrite audit`. What describes the scenario is gathered as JSON, under the names that a scenario file uses, so
/// that files and flags are understood by one reader. Outlives the parser, which writes into it.
class AuditFlags {
 public:
  void add_to(CLI::App& parser);
  /// Only those that say which system, and how it shall be.
  void add_system_to(CLI::App& parser);

  /// The file's scenario or the named system's, with the flags laid over it; valid and resolved. Throws UsageError.
  Scenario scenario() const;

  GateFlags gate;
  std::string out;
  bool json = false;
  bool quiet = false;
  bool fail_fast = false;
  bool dry_run = false;

 private:
  void add_load(CLI::App& parser);
  void add_judgement(CLI::App& parser);
  void text(CLI::App& parser, const std::string& name, const std::string& form, const std::string& help,
            const std::string& group);
  void count(CLI::App& parser, const std::string& name, const std::string& help, const std::string& group);
  void texts(CLI::App& parser, const std::string& name, const std::string& member, const std::string& form,
             const std::string& help, const std::string& group);

  std::string system_;
  nlohmann::json given_ = nlohmann::json::object();
};

}  // namespace afterwrite
