#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/policies/policy.hpp"
#include "harness/run/conditions.hpp"
#include "harness/run/recorder.hpp"
#include "harness/run/run_control.hpp"
#include "harness/session/client.hpp"
#include "harness/session/deployment.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite {

/// What all sessions of a run share. Everything in it outlives them.
struct SessionSurroundings {
  Deployment& deployment;
  Recorder& recorder;
  RunControl& control;
  RunClock clock;
  Duration op_timeout;
  /// Called by a session before it looks, after a change of leader, at what it touched: returns once the lag has
  /// settled, or cannot be waited for any longer. May be empty. Called by several sessions at once.
  std::function<void()> await_settled;
  /// What reads are labelled with where the deployment has a catalogue; null: with nothing.
  Conditions* conditions = nullptr;
};

/// Who a session is.
struct SessionIdentity {
  std::string name;  ///< `s0`
  std::string user;  ///< `u0`
  std::size_t ordinal = 0;
  std::size_t count = 1;
  std::uint64_t seed = 0;  ///< the run's
  const ReadPolicy* policy = nullptr;
  std::map<std::string, std::string> labels;  ///< borne by each of its operations
  bool counted = true;                        ///< its operations count towards `--ops` and keep to `--rate`
};

/// What became of reading again what was touched.
struct TouchedKeys {
  std::size_t touched = 0;
  std::size_t unread = 0;  ///< gave no answer
};

/// One session: carries out what its workload asks for, by its read policy, and keeps what a real client would know.
/// Every member is for the session's own thread, the constructor too.
///
/// A call is, in order: waiting out the back-off of a failure before, taking a place in the run's schedule, the check
/// after a change of leader (before writes), and then the operation: `invoke` is stamped, the policy chooses and waits,
/// the client calls, the recorder stamps `complete`. Once the run is over a call does nothing: it returns `fail` and
/// records nothing.
class SessionRunner final : public Session {
 public:
  SessionRunner(SessionSurroundings& surroundings, SessionIdentity identity);
  ~SessionRunner() override;

  std::size_t ordinal() const override { return identity_.ordinal; }
  std::size_t count() const override { return identity_.count; }
  const std::string& name() const override { return identity_.name; }
  const std::string& user() const override { return identity_.user; }
  Random& random() override { return random_; }
  bool running() const override { return control_.in(Stage::loading); }
  Operation read(const std::string& key, const Note& note) override;
  Operation read_list(const std::string& key, const Note& note) override;
  Operation write(const std::string& key, const Scalar& value, const Note& note) override;
  Operation append(const std::string& key, const Scalar& value, const Note& note) override;
  Operation remove(const std::string& key, const Note& note) override;
  const Catalogue& catalogue() const override { return catalogue_; }
  std::vector<Operation> look(const View& view, std::span<const Sought> keys, const Note& note) override;
  std::vector<Operation> write_together(std::span<const Put> puts, const Note& note) override;
  Condition condition() const override;
  bool pause(Duration duration) override;
  Scalar next_value() override;

  /// Reads every key that the session has read or written, each until it answers, at most `attempts` times and not
  /// beyond `deadline`; each read is an operation labelled `check=final`. For the stage `checking`.
  TouchedKeys final_check(Deadline deadline);

  static constexpr int attempts = 3;

 private:
  struct Leadership {
    std::string leader;
    std::int64_t epoch = 0;
    bool operator==(const Leadership&) const = default;
  };

  struct Touched {
    bool list = false;                          // it holds a list
    std::map<std::string, std::string> labels;  // of what wrote it, or looked at it, last
  };

  Operation perform(Call call, const Note& note);
  /// What an operation is carried out in: all that stands before it and after it. Nothing was done if that returns false.
  bool admitted();
  bool ready_to_write(Topology& topology);
  void done() const;
  Operation not_carried_out(Function function, const std::string& key, const Value& value);
  void check_after_change(Topology& topology);
  TouchedKeys read_touched(const std::string& check, Stage stage, Deadline deadline);

  Operation begun(Function function, const std::string& key, const Value& value, const Note& note);
  void record(std::span<Operation> operations);
  /// `send` returns what came back. What was invoked is recorded also if it throws.
  template <typename Send>
  auto exchanged(std::span<Operation> operations, const Send& send);
  void came_back(Operation& operation, const Reply& reply, const std::string& asked, const Topology& topology);
  Operation carry_out(Call& call, const Note& note, const Topology& topology);
  std::vector<Operation> told(std::vector<Operation> asked, Sights&& sights, const Look& look, const Topology& topology);
  Reply send_write(Call& call, const Topology& topology);
  Reply send_read(Call& call, const Topology& topology, Operation& operation);
  std::optional<Reply> choose_node(std::string& node, const Topology& topology, Operation& operation);
  Reply send(Call& call);
  std::optional<Reply> open_client();
  Awaited await_position(const std::string& node, const std::string& position, Duration wait);
  void learn(const Operation& operation, const std::string& asked, Connection connection, const Topology& topology);
  void carry_token(const std::string& position, bool written);
  bool back_off(Stage stage);

  SessionSurroundings& surroundings_;
  RunControl& control_;
  const SessionIdentity identity_;
  const Catalogue catalogue_;
  Random random_;         // the workload's: what it draws does not depend on how calls turn out
  Random policy_random_;  // the policy's
  SessionKnowledge knowledge_;
  std::string last_write_position_;
  std::map<std::string, Touched> touched_;  // by key
  Leadership checked_;                      // the reign under which the session last looked at what it touched

  std::unique_ptr<Client> client_;
  std::uint64_t process_number_ = 0;
  std::string process_;
  std::uint64_t values_ = 0;
  int failures_ = 0;  // in a row
  std::uint64_t calls_after_end_ = 0;
};

}  // namespace afterwrite
