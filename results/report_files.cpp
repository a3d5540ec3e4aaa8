#include "results/report_files.hpp"

#include <csignal>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <pthread.h>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

#include "results/junit.hpp"
#include "results/page/report_page.hpp"
#include "results/report_json.hpp"
#include "results/summary_text.hpp"
#include "results/unfinished_file.hpp"

namespace afterwrite {

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
        file.replace_target();
      } catch (const std::system_error& error) {
        failure = std::make_exception_ptr(std::runtime_error(
            fmt::format("cannot write the report {}: {}; free some space there or choose another folder",
                        target.string(), std::strerror(error.code().value()))));
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
