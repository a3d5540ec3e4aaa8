#include "harness/cli/obstruction.hpp"

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "adapters/exec/exec.hpp"
#include "harness/process/family_mark.hpp"
#include "harness/process/process_tree.hpp"

namespace afterwrite {

namespace {

class OfLink final : public Obstruction {
 public:
  explicit OfLink(FaultLink link) : link_(std::move(link)) {}
  ~OfLink() override { release(); }

  void hold() override {
    answers_before_ = link_.statistics().to_dialler.detained;
    // What is asked arrives, and takes effect.
    link_.stall(Direction::to_dialler);
  }
  bool in_flight() const override { return link_.statistics().to_dialler.detained > answers_before_; }
  void cut() override { link_.cut(); }
  void release() noexcept override {
    try {
      link_.heal();
    } catch (...) {
      // It cannot listen again; whoever dials it is refused and says so.
    }
  }
  std::optional<std::string> leftover() const override { return std::nullopt; }

 private:
  FaultLink link_;
  std::uint64_t answers_before_ = 0;
};

class OfProcess final : public Obstruction {
 public:
  explicit OfProcess(ProcessHandle process) : process_(std::move(process)), mark_(family_mark_of(process_.pid)) {}
  ~OfProcess() override { release(); }

  /// Returns once it has stopped, and what it started too: what is said from then on stays in the pipe.
  void hold() override { family_ = freeze(process_, Clock::now() + std::chrono::seconds(10)); }
  bool in_flight() const override {
    const std::string pipe = fmt::format("/proc/{}/fd/0", process_.pid);
    const int input = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (input < 0) return false;
    int unread = 0;
    const bool known = ::ioctl(input, FIONREAD, &unread) == 0;
    ::close(input);
    return known && unread > 0;
  }
  void cut() override { send_signal(process_, SIGKILL); }
  void release() noexcept override {
    send_signal(process_, SIGCONT);
    for (const ProcessHandle& process : family_)
      send_signal(process, SIGCONT);
    family_.clear();
  }
  std::optional<std::string> leftover() const override {
    if (!has_ended(process_)) return fmt::format("the adapter's process {} still runs", process_.pid);
    if (mark_.empty()) return std::nullopt;
    for (const ProcessHandle& process : family_marked(mark_))
      return fmt::format("the process {} still runs, which the adapter's process {} started", process.pid, process_.pid);
    return std::nullopt;
  }

 private:
  ProcessHandle process_;
  std::string mark_;  ///< of all that it starts
  std::vector<ProcessHandle> family_;  ///< what descends from it, while it is held
};

}  // namespace

std::unique_ptr<Obstruction> obstruction_between(const Client& client, const std::string& node,
                                                 const Deployment& deployment, FaultProxy& proxy) {
  if (const auto link = deployment.client_link(node)) return std::make_unique<OfLink>(proxy.link(*link));
  const auto pid = exec::process_of(client);
  auto process = pid ? open_process(*pid) : std::nullopt;
  return process ? std::make_unique<OfProcess>(std::move(*process)) : nullptr;
}

}  // namespace afterwrite
