#include <cerrno>
#include <fmt/format.h>
#include <fstream>
#include <random>

#include "adapters/exec/client.hpp"
#include "harness/history/text.hpp"
#include "harness/process/find_program.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::exec {
namespace {

std::string random_run() {
  std::random_device source;
  return fmt::format("{:08x}", source());
}

/// A name is looked up in $PATH, a path is taken as it is.
std::filesystem::path program_of(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const auto found = find_program(name);
  if (!found) {
    throw EnvironmentError(fmt::format("no program '{}' in $PATH; write ./{} for a file in this folder",
                                       visible_text(name), visible_text(name)));
  }
  return *found;
}

/// What the system's own words leave open.
std::string hint(const std::filesystem::path& program) {
  std::error_code ignored;
  if (!std::filesystem::exists(program, ignored)) return "; check the path";
  if (std::filesystem::is_directory(program, ignored)) return "; it is a folder";
  std::string first;
  std::ifstream file(program, std::ios::binary);
  std::getline(file, first);
  if (first.starts_with("#!")) {
    return fmt::format("; it must be executable (chmod +x), and its interpreter must be there: '{}'",
                       visible_text(first));
  }
  return "; it must be executable (chmod +x) and, if it is a script, begin with #! and its interpreter";
}

class ExecDeployment final : public Deployment {
 public:
  explicit ExecDeployment(const ExecOptions& options) : adapter_(options) {
    adapter_.program = program_of(options.command.front());
    adapter_.run = random_run();
    say_hello();
  }

  void start() override {}
  void stop() noexcept override {}

  Topology topology() const override { return {.nodes = adapter_.capabilities->nodes, .epoch = 0}; }

  nlohmann::json describe() const override {
    const Capabilities& adapter = *adapter_.capabilities;
    nlohmann::json functions = nlohmann::json::array();
    for (const Function function : adapter.functions)
      functions.push_back(to_string(function));
    nlohmann::json nodes = nlohmann::json::array();
    for (const Node& node : adapter.nodes)
      nodes.push_back({{"name", node.name}, {"role", to_string(node.role)}});
    return {{"system", "exec"},
            {"adapter", adapter.name},
            {"command", adapter_.options.command},
            {"functions", functions},
            {"nodes", nodes},
            {"position", {{"waits", adapter.waits}, {"numeric", adapter.numeric}}},
            {"beat", adapter.beat},
            {"key_prefix", adapter_.key("")}};
  }

  bool offers(Function function) const override { return adapter_.capabilities->functions.contains(function); }

  std::unique_ptr<Client> open_client(const std::string& session) override {
    return std::make_unique<ExecClient>(adapter_, session);
  }
  std::unique_ptr<Beat> open_beat() override {
    if (!adapter_.capabilities->beat) return nullptr;
    return std::make_unique<ExecBeat>(adapter_);
  }

  std::optional<bool> at_least(const std::string& a, const std::string& b) const override {
    if (!adapter_.capabilities->numeric) return std::nullopt;
    const auto first = numeric_position(a);
    const auto second = numeric_position(b);
    if (!first || !second) return std::nullopt;
    return *first >= *second;
  }

  std::optional<LinkName> replication_link(const std::string&) const override { return std::nullopt; }
  std::optional<LinkName> client_link(const std::string&) const override { return std::nullopt; }

  std::optional<std::string> refusal(Ability, const std::string&) const override {
    return "the nodes behind an adapter (exec:) are yours, and no fault reaches them but by 'links' of the scenario "
           "(docs/service.md); else break or slow them yourself while the audit runs";
  }
  nlohmann::json kill(const std::string&) override { refuse(); }
  void restart(const std::string&) override { refuse(); }
  void pause_replay(const std::string&) override { refuse(); }
  void resume_replay(const std::string&) override { refuse(); }
  nlohmann::json promote() override { refuse(); }

  // A process that ends is an outcome, and the next operation starts another.
  bool healthy(std::string&) const override { return true; }

 private:
  [[noreturn]] void refuse() const { throw EnvironmentError(*refusal(Ability::kill, "")); }

  void say_hello() {
    const std::string shown = visible_text(adapter_.options.command.front(), 200);
    try {
      AdapterProcess process(adapter_, "hello");
      const auto problem = process.settle(Deadline::max());
      if (problem) throw EnvironmentError(fmt::format("exec:{}: {} (docs/adapter-protocol.md)", shown, visible_text(*problem, 2000)));
      adapter_.capabilities = process.capabilities();
    } catch (const ProcessError& error) {
      throw EnvironmentError(fmt::format("exec:{}: {}{}", shown, error.what(), hint(adapter_.program)));
    }
  }

  Adapter adapter_;
};

}  // namespace

std::unique_ptr<Deployment> make_exec(const ExecOptions& options) {
  return std::make_unique<ExecDeployment>(options);
}

std::optional<pid_t> process_of(const Client& client) {
  const auto* ours = dynamic_cast<const ExecClient*>(&client);
  return ours == nullptr ? std::nullopt : ours->pid();
}

}  // namespace afterwrite::exec
