#include "harness/cli/sweep_folder.hpp"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <sys/file.h>
#include <system_error>

#include "harness/history/text.hpp"
#include "harness/session/errors.hpp"
#include "results/report_files.hpp"
#include "results/sweep_report.hpp"

namespace afterwrite {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* sweep_file = "sweep.json";
constexpr const char* cell_file = "cell.json";

/// Nothing if there is no such file, or none that is whole.
std::optional<Json> read_json(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  Json json = Json::parse(text.str(), nullptr, false);
  if (json.is_discarded() || !json.is_object()) return std::nullopt;
  return json;
}

/// What cells were made with, a line each: members of objects by their path, what is varied by its name.
std::map<std::string, std::string> settings_of(const Json& sweep) {
  std::map<std::string, std::string> settings;
  const auto add = [&](const std::string& name, const Json& value) {
    settings[name] = value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  const Json scenario = sweep.value("scenario", Json(nullptr));
  for (const auto& [name, value] : scenario.items()) {
    if (!value.is_object()) add(name, value);
    if (!value.is_object()) continue;
    for (const auto& [member, part] : value.items())
      add(name + "." + member, part);
  }
  const Json over = sweep.value("over", Json(nullptr));
  for (const auto& [place, axis] : over.items()) {
    if (axis.is_object()) add("--over " + axis.value("name", place), axis.value("values", Json(nullptr)));
  }
  return settings;
}

/// `expect: held, was not set; keys: 3, was 8`.
std::string differences(const Json& recorded, const Json& plan) {
  const std::map<std::string, std::string> before = settings_of(recorded);
  const std::map<std::string, std::string> now = settings_of(plan);
  std::set<std::string> names;
  for (const auto& settings : {before, now}) {
    for (const auto& [name, value] : settings)
      names.insert(name);
  }
  const auto value = [](const std::map<std::string, std::string>& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? "not set" : found->second;
  };
  std::string text;
  for (const std::string& name : names) {
    if (value(before, name) == value(now, name)) continue;
    constexpr std::size_t most = 120;
    text += fmt::format("{}{}: {}, was {}", text.empty() ? "" : "; ", visible_text(name), visible_text(value(now, name), most),
                        visible_text(value(before, name), most));
  }
  return text.empty() ? "the order of --over" : text;
}

/// Another sweep's cells would be taken for this one's.
void require_same(const fs::path& folder, const Json& recorded, const Json& plan) {
  const auto same = [&](const char* member) { return recorded.value(member, Json(nullptr)) == plan.at(member); };
  if (same("scenario") && same("over")) return;
  throw UsageError(fmt::format("--resume: {} is another sweep, which differs in {}; give the same command, or another --out",
                               (folder / sweep_file).string(), differences(recorded, plan)));
}

[[noreturn]] void refuse(const fs::path& folder, const std::string& cause) {
  throw EnvironmentError(
      fmt::format("{}: the folder for the sweep cannot be made ({}); name another with --out", folder.string(), cause));
}

void make(const fs::path& folder) {
  std::error_code cause;
  fs::create_directories(folder, cause);
  if (cause) refuse(folder, cause.message());
}

/// Two that go on with one sweep would judge each other's half of a cell.
Descriptor locked(const fs::path& folder) {
  Descriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) refuse(folder, std::generic_category().message(errno));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  throw UsageError(fmt::format("--out: the sweep in {} is still going on; wait for its end, or name another folder", folder.string()));
}

/// A folder that nobody has yet.
fs::path make_named(const std::string& system) {
  make("afterwrite-runs");
  constexpr int most_tries = 1000;
  const std::string name =
      fmt::format("{:%Y%m%d-%H%M%S}-sweep-{}", fmt::localtime(std::time(nullptr)), system.substr(0, system.find(':')));
  for (int attempt = 1; attempt <= most_tries; ++attempt) {
    fs::path folder = fs::path("afterwrite-runs") / (attempt == 1 ? name : fmt::format("{}-{}", name, attempt));
    std::error_code cause;
    if (fs::create_directory(folder, cause)) return folder;
    if (cause) refuse(folder, cause.message());
  }
  refuse(name, "there are too many of that name");
}

}  // namespace

std::uint64_t recorded_seed(const fs::path& folder) {
  std::error_code unseen;
  if (!fs::exists(folder / sweep_file, unseen)) {
    throw UsageError(fmt::format("--resume: {} holds no sweep (no {} is there); leave --resume out to begin one there, or name the "
                                 "folder of the sweep with --out",
                                 folder.string(), sweep_file));
  }
  const auto json = read_json(folder / sweep_file);
  if (!json || json->value("schema", std::string()) != sweep_schema_name || !json->contains("seed") ||
      !json->at("seed").is_number_unsigned()) {
    throw UsageError(fmt::format("--resume: {} is no sweep that this version wrote; name another --out",
                                 (folder / sweep_file).string()));
  }
  return json->at("seed").get<std::uint64_t>();
}

SweepFolder::SweepFolder(const std::string& asked, Json plan, const std::vector<SweepSettings>& cells, bool resume)
    : path_(asked), json_(std::move(plan)) {
  std::error_code unseen;
  const bool there = !asked.empty() && fs::exists(path_ / sweep_file, unseen);
  if (there && !resume) {
    throw UsageError(
        fmt::format("--out: {} holds a sweep already; go on with --resume, or name another folder", asked));
  }
  if (there) {
    lock_ = locked(path_);
    recorded_seed(path_);
    require_same(path_, *read_json(path_ / sweep_file), json_);
  }
  if (asked.empty()) {
    path_ = make_named(json_.at("system").get<std::string>());
    json_["command"] = fmt::format("{} --out {}", json_.at("command").get<std::string>(), path_.string());
  }
  make(path_ / "cells");
  if (!there) lock_ = locked(path_);
  json_["cells"] = Json::array();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Json settings = Json::object();
    for (const auto& [name, value] : cells[i])
      settings[name] = value;
    json_["cells"].push_back({{"number", i + 1},
                              {"settings", std::move(settings)},
                              {"folder", (fs::path("cells") / folder_of(i + 1, cells[i])).string()},
                              {"state", "pending"}});
    if (resume) take_finished(i);
  }
  write();
}

fs::path SweepFolder::folder(std::size_t cell) const {
  return path_ / json_.at("cells").at(cell).at("folder").get<std::string>();
}

/// A cell.json that is torn, or is another cell's, leaves the cell to be done again.
void SweepFolder::take_finished(std::size_t cell) {
  Json& here = json_["cells"][cell];
  const auto recorded = read_json(folder(cell) / cell_file);
  if (!recorded || recorded->value("state", std::string()) != "done" ||
      recorded->value("settings", Json(nullptr)) != here.at("settings"))
    return;
  if (recorded->value("seed", Json(nullptr)) != json_.at("seed") || !recorded->contains("verdict")) return;
  here = *recorded;
  here.erase("seed");
}

fs::path SweepFolder::fresh(std::size_t cell) {
  const fs::path path = folder(cell);
  std::error_code cause;
  fs::remove_all(path, cause);
  if (cause) refuse(path, cause.message());
  return path;
}

void SweepFolder::finish(std::size_t cell, double seconds, const Json& outcome) {
  Json& here = json_["cells"][cell];
  here["state"] = "done";
  here.erase("error");
  here["seconds"] = seconds;
  here.update(outcome);
  Json marked = here;
  marked["seed"] = json_.at("seed");
  write_whole(folder(cell) / cell_file, marked.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  write();
}

void SweepFolder::fail(std::size_t cell, const std::string& why) {
  Json& here = json_["cells"][cell];
  here["state"] = "failed";
  here["error"] = why;
  write();
}

std::string SweepFolder::text() const {
  return json_.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void SweepFolder::write() const {
  write_whole(path_ / sweep_file, json_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace afterwrite
