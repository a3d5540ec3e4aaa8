#include "results/report_files.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

#include "results/junit.hpp"
#include "results/page/report_page.hpp"
#include "results/report_json.hpp"
#include "results/summary_text.hpp"

namespace afterwrite {
namespace {

/// A file under a name of its own until it is whole.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(const std::filesystem::path& target)
      : target_(target),
        name_(target.parent_path() / fmt::format(".{}.{}.unfinished", target.filename().string(), ::getpid())),
        descriptor_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666)) {
    check(descriptor_ >= 0);
  }
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;
  ~UnfinishedFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(name_.c_str());
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::write(descriptor_, text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      check(count > 0);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  /// Puts it into the place of the target in one step.
  void finish() {
    // Some file systems tell only here that there was no room.
    check(::fsync(descriptor_) == 0 || errno == EINVAL);
    check(::rename(name_.c_str(), target_.c_str()) == 0);
    ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  void check(bool done) const {
    if (done) return;
    const int cause = errno;
    throw std::runtime_error(
        fmt::format("cannot write the report {}: {}; free some space there or choose another folder", target_.string(),
                    std::strerror(cause)));
  }

  std::filesystem::path target_;
  std::filesystem::path name_;
  int descriptor_;
};

}  // namespace

// On a thread of its own, where the signal that comes with a full file can be blocked without touching the caller's.
void write_whole(const std::filesystem::path& target, std::string_view text) {
  std::exception_ptr failure;
  {
    const std::jthread writer([&] {
      sigset_t blocked;
      sigemptyset(&blocked);
      sigaddset(&blocked, SIGXFSZ);
      pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
      try {
        UnfinishedFile file(target);
        file.write(text);
        file.finish();
      } catch (...) {
        failure = std::current_exception();
      }
    });
  }
  if (failure) std::rethrow_exception(failure);
}

ReportFiles report_files(const std::filesystem::path& folder) {
  return {folder / "report.json", folder / "junit.xml", folder / "summary.txt", folder / "report.html"};
}

ReportFiles write_reports(const std::filesystem::path& folder, const History& history, const Judgement& judgement,
                          const RunSummary& summary) {
  ReportFiles files = report_files(folder);
  write_whole(files.json, report_json(history, judgement, summary).dump(2) + '\n');
  write_whole(files.junit, junit_xml(history, judgement, summary));
  write_whole(files.text, summary_text(history, judgement, summary, {.colour = false, .folder = folder}));
  write_whole(files.page, report_page(history, judgement, summary));
  return files;
}

}  // namespace afterwrite
