#include "harness/cli/obstruction.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "adapters/exec/exec.hpp"

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

/// Not reaped before its client has noticed its end, so until then the pid means no other process.
class OfProcess final : public Obstruction {
 public:
  explicit OfProcess(pid_t pid) : pid_(pid) {}
  ~OfProcess() override { release(); }

  void hold() override {
    held_ = true;
    ::kill(pid_, SIGSTOP);
  }
  bool in_flight() const override {
    const int input = ::open(fmt::format("/proc/{}/fd/0", pid_).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (input < 0) return false;
    int unread = 0;
    const bool known = ::ioctl(input, FIONREAD, &unread) == 0;
    ::close(input);
    return known && unread > 0;
  }
  void cut() override {
    held_ = false;
    ::kill(pid_, SIGKILL);
  }
  void release() noexcept override {
    if (held_) ::kill(pid_, SIGCONT);
    held_ = false;
  }
  std::optional<std::string> leftover() const override {
    if (::kill(pid_, 0) < 0 && errno == ESRCH) return std::nullopt;
    return fmt::format("the adapter's process {} is still there", pid_);
  }

 private:
  pid_t pid_;
  bool held_ = false;
};

}  // namespace

std::unique_ptr<Obstruction> obstruction_between(const Client& client, const std::string& node, const Deployment& deployment,
                                                 FaultProxy& proxy) {
  if (const auto link = deployment.client_link(node)) return std::make_unique<OfLink>(proxy.link(*link));
  if (const auto process = exec::process_of(client)) return std::make_unique<OfProcess>(*process);
  return nullptr;
}

}  // namespace afterwrite
