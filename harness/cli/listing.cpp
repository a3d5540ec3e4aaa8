#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "adapters/memory/memory.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/systems.hpp"
#include "harness/faults/fault_kinds.hpp"
#include "harness/policies/policy.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite {

namespace {

void print_row(std::string_view form, std::string_view summary) { print(fmt::format("{:<36} {}\n", form, summary)); }

void list_systems() {
  for (const SystemKind& kind : system_kinds()) {
    print_row(kind.name, kind.summary);
    for (const std::string& option : kind.options()) print(fmt::format("    {}{}\n", option.starts_with(' ') ? "      " : "--opt ", option));
  }
}

void list_workloads() {
  for (const WorkloadKind& kind : workload_kinds()) print_row(kind.form, kind.summary);
}

void list_policies() {
  for (const PolicyKind& kind : policy_kinds()) print_row(kind.form, kind.summary);
}

void list_faults() {
  for (const FaultKind& kind : fault_kinds()) print_row(kind.form, kind.summary);
}

void list_guarantees() {
  for (const GuaranteeKind& kind : guarantee_kinds()) print_row(kind.name, kind.summary);
}

class ListCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("list", "List systems, workloads, policies, faults or guarantees");
    parser->add_option("WHAT", what_, "systems, workloads, policies, faults or guarantees")->required();
    parser->footer("");
    return parser;
  }

  ExitCode run(const CommandLine& /*typed*/) override {
    static const std::map<std::string, void (*)()> lists{{"systems", list_systems},
                                                         {"workloads", list_workloads},
                                                         {"policies", list_policies},
                                                         {"faults", list_faults},
                                                         {"guarantees", list_guarantees}};
    const auto found = lists.find(what_);
    if (found == lists.end()) {
      std::vector<std::string> known;
      for (const auto& [name, list] : lists) known.push_back(name);
      throw UsageError(fmt::format("list: '{}' is not known{}", what_, known_names_hint(what_, known)));
    }
    found->second();
    return ExitCode::held;
  }

 private:
  std::string what_;
};

}  // namespace

std::unique_ptr<Subcommand> make_list_command() { return std::make_unique<ListCommand>(); }

}  // namespace afterwrite
