#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "adapters/exec/adapter_log.hpp"
#include "adapters/exec/answers.hpp"
#include "adapters/exec/exec.hpp"
#include "adapters/exec/requests.hpp"
#include "harness/process/piped_child.hpp"

namespace afterwrite::exec {

/// What all processes of a deployment share. Outlives them; constant but for the log, which guards itself.
struct Adapter {
  ExecOptions options;
  std::filesystem::path program;
  std::string run;  ///< the prefix of the run's keys
  std::optional<Capabilities> capabilities;
  mutable AdapterLog log;

  explicit Adapter(const ExecOptions& asked) : options(asked), log(asked.log) {}

  std::string key(const std::string& of_the_run) const { return run + "-" + of_the_run; }
};

/// What a request came back with.
struct Exchange {
  enum class Came {
    answer,        ///< in `answer`
    nothing_sent,  ///< the adapter got nothing of the request
    unsure,        ///< it may have got it, and no answer that counts came back
  };
  Came came = Came::unsure;
  nlohmann::json answer;
  std::string error;

  bool answered() const { return came == Came::answer; }
};

/// A started process and the conversation with it: one request at a time. One that breaks the protocol, or is silent
/// past a deadline, is killed; its object is of no use then. One thread at a time.
class AdapterProcess {
 public:
  /// What to do when the deadline passes in silence.
  enum class Silence { kills, is_waited_out };

  /// Starts it and says hello; the answer is waited for by the first request. Throws ProcessError. `session` is for
  /// messages.
  AdapterProcess(const Adapter& adapter, const std::string& session);
  AdapterProcess(const AdapterProcess&) = delete;
  AdapterProcess& operator=(const AdapterProcess&) = delete;
  /// Closes its stdin, and kills it unless it ends by that within a second; at once if a request is open.
  ~AdapterProcess();

  bool alive() const { return alive_; }
  pid_t pid() const { return child_.pid(); }
  /// For messages: ` (last lines of its stderr: ...)`, or nothing.
  std::string said_on_stderr() const;

  /// Waits for what is still to be answered: hello, or a wait that outlived its deadline. The reason if it did not
  /// come, and the next request cannot be sent.
  std::optional<std::string> settle(Deadline deadline);

  /// What it said in answer to hello, once settle() has returned nothing.
  const Capabilities& capabilities() const { return *capabilities_; }

  /// Sends a request and waits for its answer. With `is_waited_out` an answer that is late is left for settle().
  Exchange ask(const Request& request, Deadline deadline, Silence silence = Silence::kills);

  /// Whether `node` was opened; open() says that it is.
  bool is_open(const std::string& node) const { return open_nodes_.contains(node); }
  void opened(const std::string& node) { open_nodes_.insert(node); }

  /// Kills it. Returns `why`, with the end of its stderr.
  std::string give_up(const std::string& why);

 private:
  std::optional<std::string> send(const Request& request, Deadline deadline);
  Exchange listen(Deadline deadline, Silence silence);
  std::string how_it_ended(Deadline deadline);

  const Adapter& adapter_;
  std::string who_;
  ErrorOutput errors_;
  Clock::time_point started_;
  bool alive_ = true;
  bool open_request_ = false;  // sent, and not answered yet
  std::int64_t id_ = 0;        // of the last request
  std::string last_request_;
  std::optional<Capabilities> capabilities_;
  std::set<std::string> open_nodes_;
  PipedChild child_;
};

}  // namespace afterwrite::exec
