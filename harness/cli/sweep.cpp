#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <random>
#include <unistd.h>

#include "harness/cli/appended_file.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/audit_flags.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/interrupts.hpp"
#include "harness/cli/one_audit.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/sweep_axes.hpp"
#include "harness/cli/sweep_folder.hpp"
#include "harness/cli/version.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/process/watchdog.hpp"
#include "harness/session/errors.hpp"
#include "results/page/sweep_page.hpp"
#include "results/report_files.hpp"
#include "results/sweep_report.hpp"

namespace afterwrite {

namespace {

constexpr const char* footer =
    R"(An audit for each combination of the values, in an order that the seed shuffles, each on a cluster of its own. The
flags are those of `afterwrite audit`; --over names any of them, `opt.NAME`, or `fault` (`fault=none` is none).

Examples
  afterwrite sweep postgres --over read-policy=leader,recent-writer:1s,version-token --over lag=0ms,500ms
  afterwrite sweep scenario.json --over opt.sync=off,remote_apply --duration 8s --out sync
  afterwrite sweep scenario.json --over opt.sync=off,remote_apply --duration 8s --out sync --resume   # goes on

Exit codes: 0 all cells were carried out, whatever they showed; with --expect V, each cell's verdict is V. 1 with
--expect V, some verdict is not V. 2 some were not carried out (interrupted), or are unknown where V was expected. 3 bad input or usage. 4 a cell failed to start.)";

constexpr const char* sweep_page_file = "sweep.html";

/// How long cells take, for those who wait.
class Pace {
 public:
  explicit Pace(std::size_t cells) : left_(cells) {}

  void begin() { begun_ = Clock::now(); }

  void done(double seconds) {
    ++measured_;
    total_ += seconds;
    --left_;
  }
  void skipped() { --left_; }

  std::string left_in_words() const {
    if (measured_ == 0 || left_ == 0) return "";
    const double elapsed = std::chrono::duration<double>(Clock::now() - begun_).count();
    const double each = total_ / static_cast<double>(measured_);
    const double seconds = each * static_cast<double>(left_) - std::min(elapsed, each);
    constexpr double a_minute = 60;
    return seconds < a_minute ? fmt::format(", about {:.0f} s left", seconds)
                              : fmt::format(", about {:.0f} min left", std::ceil(seconds / a_minute));
  }

 private:
  std::size_t left_;
  Clock::time_point begun_ = Clock::now();
  std::size_t measured_ = 0;
  double total_ = 0;
};

class SweepCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("sweep", "Audit every combination of some settings, and show one table");
    flags_.add_sweep_to(*parser);
    parser
        ->add_option("--over", over_,
                     "A setting and the values it is to have, e.g. lag=0ms,500ms,2s; several with a flag each")
        ->type_name("NAME=V[,V...]")
        ->required()
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
    parser->add_flag("--resume", resume_, "Go on with the sweep in --out: what is whole stays");
    parser->add_option("--summary", summary_, "Append the table in Markdown, for a CI job's page")
        ->check(not_empty)
        ->type_name("FILE");
    parser->footer(footer);
    return parser;
  }

  ExitCode run(const CommandLine& typed) override {
    if (resume_ && flags_.out.empty()) throw UsageError("--resume: name the folder of the sweep with --out");
    for (const std::string& text : over_)
      axes_.push_back(parse_axis(text, flags_.variable()));
    const std::vector<SweepSettings> cells = all_settings(axes_);
    std::optional<AppendedFile> summary;
    if (!summary_.empty()) summary.emplace(summary_, "--summary");
    refuse_flags_beside(cells.front());
    std::optional<std::uint64_t> seed = flags_.asked_seed();
    if (resume_) seed = seed.value_or(recorded_seed(flags_.out));
    const Scenario base = flags_.scenario(seed ? nlohmann::json{{"seed", *seed}} : nlohmann::json());
    seed_ = base.seed.value_or(0);

    Watchdog::instance().start();
    const Interrupts interrupts("the cell under way is made anew by --resume, those that are done are kept");
    check(cells, interrupts.token());
    SweepFolder folder(flags_.out, plan_of(base, typed), cells, resume_);
    sweep_leftovers();
    carry_out(folder, cells, typed, base, interrupts.token());
    const std::optional<std::string> unwritten = write_pages(folder);
    const auto terminal = terminal_size(STDOUT_FILENO);
    const std::size_t columns = terminal ? terminal->columns : 0;
    print(flags_.json ? folder.text() + "\n"
                      : sweep_text(folder.json(), columns) + "\n" +
                            (folder.path() / (unwritten ? "sweep.json" : sweep_page_file)).string() + "\n");
    if (const auto failure = stdout_failure())
      throw EnvironmentError(fmt::format("stdout cannot be written ({})", *failure));
    if (unwritten) throw EnvironmentError(*unwritten);
    if (summary) summary->write(sweep_markdown(folder.json()));
    return code(folder.json(), base);
  }

 private:
  void refuse_flags_beside(const SweepSettings& settings) const {
    const nlohmann::json members = members_of(settings, flags_.variable());
    for (const auto& [member, value] : members.items()) {
      if (!value.is_object()) flags_.refuse_beside(member, "");
      if (!value.is_object()) continue;
      for (const auto& [option, unused] : value.items())
        flags_.refuse_beside(member, option);
    }
  }

  /// What cannot work is told before the first cell is started, as far as it is known by then.
  void check(const std::vector<SweepSettings>& cells, const std::stop_token& stop) const {
    bool missing = false;  // something that systems need here: the cells will say it
    for (const SweepSettings& settings : cells) {
      if (stop.stop_requested()) return;
      try {
        OneAudit audit(scenario_of(settings));
        if (!missing) audit.check();
      } catch (const UsageError& error) {
        throw UsageError(fmt::format("{} (in the cell {})", error.what(), in_words(settings)));
      } catch (const EnvironmentError&) {
        missing = true;
      }
    }
  }

  Scenario scenario_of(const SweepSettings& settings) const {
    nlohmann::json members = members_of(settings, flags_.variable());
    if (!members.contains("seed")) members["seed"] = seed_;
    return flags_.scenario(members, "--over");
  }

  nlohmann::ordered_json plan_of(const Scenario& base, const CommandLine& typed) const {
    CommandLine anew = typed;
    std::erase(anew, "--resume");
    nlohmann::ordered_json over = nlohmann::ordered_json::array();
    for (const SweepAxis& axis : axes_)
      over.push_back({{"name", axis.name}, {"values", axis.values}});
    return {{"schema", sweep_schema_name}, {"afterwrite", version}, {"command", as_typed(anew)},
            {"system", base.system},       {"seed", seed_},         {"scenario", to_json(base)},
            {"over", std::move(over)}};
  }

  void carry_out(SweepFolder& folder, const std::vector<SweepSettings>& cells, const CommandLine& typed,
                 const Scenario& base, const std::stop_token& stop) const {
    std::vector<std::size_t> order(cells.size());
    std::iota(order.begin(), order.end(), 0);
    std::mt19937_64 random(seed_);
    // Not std::shuffle, whose order differs between libraries.
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random() % i]);
    Pace pace(cells.size());
    const LiveView::Style style = LiveView::style_for(flags_.quiet);
    std::size_t begun = 0;
    for (const std::size_t cell : order) {
      ++begun;
      if (folder.done(cell)) {
        pace.skipped();
        continue;
      }
      if (stop.stop_requested()) return;
      const std::string number = fmt::format("cell {} of {}", begun, cells.size());
      const std::string settings = in_words(cells[cell]);
      // The settings last: on a narrow terminal they are what is cut.
      const auto progress = [&] { return fmt::format("{}{}: {}", number, pace.left_in_words(), settings); };
      pace.begin();
      if (style == LiveView::Style::lines) say(progress() + "\n");
      const auto started = Clock::now();
      const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - started).count(); };
      const AuditManner manner{.out = folder.fresh(cell).string(),
                               .command = as_typed(as_audit(typed, cells[cell], !base.faults.empty())),
                               .style = style,
                               .progress = progress,
                               .fail_fast = false,
                               .stop = stop};
      std::string shown;
      try {
        OneAudit audit(scenario_of(cells[cell]));
        const OneAudit::Found found = audit.run(manner);
        // Whatever part of it was cut short: it is made again.
        if (stop.stop_requested()) return;
        write_reports(found.folder, found.history, found.judgement, found.summary);
        folder.finish(cell, seconds(), sweep_outcome_json(found.judgement, found.summary));
        shown = to_string(found.judgement.verdict);
      } catch (const std::exception& error) {
        folder.fail(cell, error.what());
        shown = fmt::format("failed: {}", error.what());
      }
      pace.done(seconds());
      if (style != LiveView::Style::none)
        say(fmt::format("{}: {}: {} ({:.0f} s)\n", number, settings, shown, seconds()));
    }
  }

  /// What kept them from being written, if anything did: the table is shown all the same.
  static std::optional<std::string> write_pages(const SweepFolder& folder) {
    try {
      write_whole(folder.path() / "sweep.md", sweep_markdown(folder.json()));
      write_whole(folder.path() / sweep_page_file, sweep_page(folder.json()));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return std::nullopt;
  }

  static ExitCode code(const nlohmann::ordered_json& sweep, const Scenario& base) {
    std::vector<ExitCode> codes{ExitCode::held};
    for (const auto& cell : sweep.at("cells")) {
      if (cell.at("state") == "failed") codes.push_back(ExitCode::environment_failed);
      if (cell.at("state") == "pending") codes.push_back(ExitCode::unknown);
      if (cell.at("state") != "done" || !base.expect) continue;
      const auto verdict = parse_verdict(cell.at("verdict").get<std::string>());
      codes.push_back(exit_code(verdict.value_or(Verdict::unknown), parse_verdict(*base.expect)));
    }
    return worst(codes);
  }

  AuditFlags flags_;
  std::vector<std::string> over_;
  std::vector<SweepAxis> axes_;
  bool resume_ = false;
  std::string summary_;
  std::uint64_t seed_ = 0;
};

}  // namespace

std::unique_ptr<Subcommand> make_sweep_command() {
  return std::make_unique<SweepCommand>();
}

}  // namespace afterwrite
