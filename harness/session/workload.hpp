#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "harness/history/operation.hpp"
#include "harness/session/clock.hpp"
#include "harness/session/view.hpp"

namespace afterwrite {

using Random = std::mt19937_64;

/// What rides along with an operation into the history.
struct Note {
  std::string intent;
  std::map<std::string, std::string> labels;
};

/// What is injected into the system at some moment.
struct Condition {
  std::string name = "none";  ///< `none`, `held`, `delayed`, `other fault`, or `changing` while it begins, ends, or wears off
  std::uint64_t episode = 0;  ///< counts the changes
};

/// One session as its workload sees it. Lives on the session's own thread; every member is for that thread alone. A call
/// blocks until its outcome is known, records it, and never throws for what a server does. Once the run is over a call is
/// not carried out: it returns `fail` at once and records nothing.
class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;

  /// 0 .. count()-1. A control session, where there is one, has count(): what it does must not change what the others do.
  virtual std::size_t ordinal() const = 0;
  virtual std::size_t count() const = 0;     ///< sessions in the run
  virtual const std::string& name() const = 0;  ///< `s0`
  virtual const std::string& user() const = 0;  ///< whom it belongs to: `u0`
  virtual Random& random() = 0;              ///< seeded by the run's seed and the ordinal

  /// False once the run is over; a workload then returns.
  virtual bool running() const = 0;

  virtual Operation read(const std::string& key, const Note& note = {}) = 0;
  virtual Operation read_list(const std::string& key, const Note& note = {}) = 0;
  virtual Operation write(const std::string& key, const Scalar& value, const Note& note = {}) = 0;
  virtual Operation append(const std::string& key, const Scalar& value, const Note& note = {}) = 0;

  virtual Operation remove(const std::string& key, const Note& note = {}) = 0;

  /// What the system offers beside the above; empty for most systems. The same object each time.
  virtual const Catalogue& catalogue() const = 0;
  /// Looks at a view, and records a `read` for each of the keys that it decides, or, if the look gave no answer, for each that was
  /// asked for; all with the same times. Returns what was recorded. A look counts as one operation of the run.
  virtual std::vector<Operation> look(const View& view, std::span<const Sought> keys, const Note& note = {}) = 0;
  /// Writes several keys in one commit; a `write` each, all with the same times and outcome. Counts as one operation.
  virtual std::vector<Operation> write_together(std::span<const Put> puts, const Note& note = {}) = 0;
  /// What is injected at the moment: for workloads that must not do too much under one fault.
  virtual Condition condition() const = 0;

  /// Waits, or until the run is over. Returns running().
  virtual bool pause(Duration duration) = 0;

  /// A value no one else writes: `s0-1`, `s0-2` ...
  virtual Scalar next_value() = 0;
};

/// What sessions do. One object a run; run() is called once for each session, all at once, each on its own thread: what they
/// share inside is the workload's to guard.
class Workload {
 public:
  Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  virtual ~Workload() = default;

  /// The whole life of one session: returns when `session.running()` is false, or when it has nothing more to do.
  virtual void run(Session& session) = 0;
};

}  // namespace afterwrite
