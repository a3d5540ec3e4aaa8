#include "harness/cli/new_file.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "harness/session/errors.hpp"

namespace afterwrite {

namespace {

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP};

std::atomic<const char*> to_remove{nullptr};
static_assert(std::atomic<const char*>::is_always_lock_free);

void remove_and_end(int signal) {
  if (const char* const name = to_remove.load()) ::unlink(name);
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // comes once this has returned
}

/// What `from` is the disposition of the signals becomes `to`; what is ignored (nohup) stays so.
void replace_handlers(void (*from)(int), void (*to)(int)) {
  for (const int signal : ending_signals) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == from) std::signal(signal, to);
  }
}

}  // namespace

NewFile::RemovedBySignals::RemovedBySignals(std::string name) : name_(std::move(name)) {
  to_remove = name_.c_str();
  replace_handlers(SIG_DFL, remove_and_end);
}

NewFile::RemovedBySignals::~RemovedBySignals() {
  replace_handlers(remove_and_end, SIG_DFL);
  to_remove = nullptr;
}

NewFile::NewFile(std::string path)
    : path_(std::move(path)), removed_(UnfinishedFile::name_for(path_)), file_(created()) {}

UnfinishedFile NewFile::created() const {
  std::error_code unseen;
  if (std::filesystem::exists(std::filesystem::symlink_status(path_, unseen))) fail(EEXIST);
  try {
    return UnfinishedFile(path_);
  } catch (const std::system_error& error) {
    fail(error.code().value());
  }
}

void NewFile::write(std::string_view text) {
  try {
    file_.write(text);
  } catch (const std::system_error& error) {
    fail(error.code().value());
  }
}

void NewFile::finish() {
  try {
    file_.become_target();
  } catch (const std::system_error& error) {
    fail(error.code().value());
  }
}

void NewFile::fail(int cause) const {
  if (cause == EEXIST) {
    std::error_code unseen;
    const auto type = std::filesystem::status(path_, unseen).type();
    const bool removable = type == std::filesystem::file_type::regular || type == std::filesystem::file_type::not_found;
    throw UsageError(removable ? fmt::format("--out: {} is there already; name another file, or remove that one", path_)
                               : fmt::format("--out: {} is no regular file; name a file that is not there yet", path_));
  }
  throw EnvironmentError(
      fmt::format("--out: {} cannot be written ({}); name a file in a folder that is there and has room", path_,
                  std::strerror(cause)));
}

}  // namespace afterwrite
