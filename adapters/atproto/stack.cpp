#include "adapters/atproto/stack.hpp"

#include <fmt/format.h>
#include <memory>
#include <utility>

#include "adapters/atproto/boot_scripts.hpp"
#include "adapters/atproto/installation.hpp"
#include "harness/process/free_port.hpp"
#include "harness/process/log_tail.hpp"
#include "harness/process/private_file.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

namespace fs = std::filesystem;

constexpr int most_boots = 8;

std::string local_url(std::uint16_t port) {
  return fmt::format("http://127.0.0.1:{}", port);
}

}  // namespace

Stack::Stack(StackOptions options, LinkFactory& links) : options_(std::move(options)), links_(links) {}

Stack::~Stack() {
  stop();
}

void Stack::start(const std::stop_token& stop) {
  const auto failed = [](const std::string& why) {
    return EnvironmentError(fmt::format("cannot start the Bluesky stack: {}", on_one_line(why)));
  };
  try {
    boot(soon(), stop);
  } catch (const ProcessError& error) {
    end_start_if(stop);  // which is why
    throw failed(error.what());
  } catch (const fs::filesystem_error& error) {
    throw failed(error.what());
  }
}

void Stack::write_scripts(const Installation& installation) const {
  for (const auto& [name, content] : boot_scripts())
    write_private_file(folder_->path() / name, std::string(content), std::nullopt);
  // Where a script lies is where its packages are looked for.
  fs::create_directory_symlink(installation.modules, folder_->path() / "node_modules");
  fs::create_directory(folder_->path() / "tmp");
}

void Stack::choose_ports() {
  plc_port_ = free_port();
  pds_port_ = free_port();
  appview_port_ = free_port();
  firehose_port_ = links_.open(firehose(), Address{"127.0.0.1", pds_port_}).port;
}

nlohmann::json Stack::settings() const {
  return {{"plcPort", plc_port_},
          {"pdsPort", pds_port_},
          {"appviewPort", appview_port_},
          {"firehosePort", firehose_port_},
          {"postgresUrl", postgres_->url()},
          {"folder", folder_->path().string()}};
}

void Stack::boot(Deadline deadline, const std::stop_token& stop) {
  const Installation installation = find_installation();
  folder_.emplace();
  write_scripts(installation);
  postgres_ = std::make_unique<PostgresServer>(options_.postgres_programs);
  postgres_->start(deadline, stop);
  pds_ = std::make_unique<NodeProcess>("the PDS", "pds.mjs", installation, folder_->path());
  appview_ = std::make_unique<NodeProcess>("the App View", "appview.mjs", installation, folder_->path());
  for (int boots = 1;; ++boots) {
    choose_ports();
    // Both at once: importing their packages takes the most of it. The App View waits for the PDS by itself.
    pds_->launch(settings());
    appview_->launch(settings());
    if (pds_->await(deadline, stop) == Boot::ready && appview_->await(deadline, stop) == Boot::ready) return;
    pds_->stop();
    appview_->stop();
    if (boots == most_boots)
      throw EnvironmentError("the Bluesky stack: whatever ports were chosen, one was taken meanwhile");
  }
}

void Stack::stop() noexcept {
  const bool begun = folder_.has_value();
  if (appview_) appview_->stop();
  if (pds_) pds_->stop();
  if (postgres_) postgres_->stop();
  try {
    if (begun) links_.close(firehose());
  } catch (...) {
    // A link that stays open leads nowhere, and ends with its factory.
  }
  appview_.reset();
  pds_.reset();
  postgres_.reset();
  folder_.reset();
}

std::string Stack::pds_url() const {
  return local_url(pds_port_);
}
std::string Stack::appview_url() const {
  return local_url(appview_port_);
}
std::string Stack::plc_url() const {
  return local_url(plc_port_);
}
std::string Stack::appview_did() const {
  return fmt::format("did:web:localhost%3A{}", appview_port_);
}

nlohmann::json Stack::versions() const {
  nlohmann::json versions = pds_->told().at("versions");
  versions.update(appview_->told().at("versions"));
  versions["node"] = pds_->told().at("node");
  versions["postgres"] = postgres_->version();
  return versions;
}

NodeProcess& Stack::process(Part part) const {
  const auto& found = part == Part::pds ? pds_ : appview_;
  if (!found) throw EnvironmentError("the Bluesky stack was not started");
  return *found;
}

nlohmann::json Stack::kill(Part part) {
  return process(part).kill();
}

void Stack::restart(Part part) {
  NodeProcess& restarted = process(part);
  if (restarted.running()) return;
  try {
    restarted.launch(settings());
    if (restarted.await(soon()) == Boot::ready) return;
  } catch (const ProcessError& error) {
    throw EnvironmentError(fmt::format("cannot restart a part of the Bluesky stack: {}", on_one_line(error.what())));
  }
  throw EnvironmentError("a part of the Bluesky stack cannot be restarted: one of its ports was taken meanwhile");
}

bool Stack::healthy(std::string& why) const {
  return !pds_->died(why) && !appview_->died(why) && !postgres_->died(why);
}

}  // namespace afterwrite::atproto
