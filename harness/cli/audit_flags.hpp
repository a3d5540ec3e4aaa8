#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/concluding.hpp"
#include "harness/run/scenario.hpp"

namespace CLI {
class App;
}

namespace afterwrite {

struct SystemKind;

/// The flags of `afterwrite audit`. What describes the scenario is gathered as JSON, under the names that a scenario file uses, so
/// that files and flags are understood by one reader. Outlives the parser, which writes into it.
class AuditFlags {
 public:
  void add_to(CLI::App& parser);
  /// Only those that say which system, and how it shall be.
  void add_system_to(CLI::App& parser);

  /// For `afterwrite sweep`: without what speaks of one run alone.
  void add_sweep_to(CLI::App& parser);

  /// The file's scenario or the named system's, with the flags laid over it, and `over` over these; valid and resolved. Throws
  /// UsageError. `over` is named `where` in messages.
  Scenario scenario(const nlohmann::json& over = nlohmann::json::object(), const std::string& where = "") const;

  /// Throws UsageError if a flag gives what the member `over` of a sweep gives as well: it would count for nothing. `option`: the
  /// one of the options that is meant; else empty.
  void refuse_beside(const std::string& over, const std::string& option) const;

  /// The seed that flags or file name. Throws UsageError.
  std::optional<std::uint64_t> asked_seed() const { return unresolved({}, "").seed; }

  /// Of the flags that describe a system of our own, the load or the judgement, and take one text or number: whether they take a number.
  const std::map<std::string, bool>& variable() const { return variable_; }

  GateFlags gate;
  std::string out;
  bool json = false;
  bool quiet = false;
  bool fail_fast = false;
  bool dry_run = false;

 private:
  /// `over` with the ends of the load that flags name beside one that it names.
  nlohmann::json with_other_ends(nlohmann::json over) const;
  /// What the kind's scenario says, as far as neither a flag nor `over` speaks against it.
  nlohmann::json usual_of(const SystemKind& kind, const nlohmann::json& over) const;
  Scenario unresolved(const nlohmann::json& over, const std::string& where) const;
  void add_load(CLI::App& parser);
  void add_judgement(CLI::App& parser);
  void text(CLI::App& parser, const std::string& name, const std::string& form, const std::string& help,
            const std::string& group);
  void count(CLI::App& parser, const std::string& name, const std::string& help, const std::string& group);
  void texts(CLI::App& parser, const std::string& name, const std::string& member, const std::string& form,
             const std::string& help, const std::string& group);

  std::string system_;
  std::map<std::string, bool> variable_;
  nlohmann::json given_ = nlohmann::json::object();
};

}  // namespace afterwrite
