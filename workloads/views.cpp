#include <algorithm>
#include <charconv>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "workloads/kinds.hpp"
#include "workloads/pace.hpp"

namespace afterwrite::workloads {
namespace {

constexpr std::size_t looks_at_a_deed = 3;
constexpr Duration until_another_condition = std::chrono::milliseconds(40);
constexpr Duration until_another_look = std::chrono::milliseconds(400);
constexpr std::size_t deeds_looked_at_further = 4;
constexpr const char* changing = "changing";

const DeedStep& subject_of(const Deed& deed) {
  return deed.steps.back();
}

std::size_t keys_of(const Deed& deed) {
  std::size_t keys = 0;
  for (const DeedStep& step : deed.steps)
    keys += step.count;
  return keys;
}

/// How many keys of one user the views may still lack. The user's sessions share it.
class Pending {
 public:
  /// Counts `keys`, which are about to be written, if then no more than `most` are pending; or, `alone`, if nothing is.
  bool set_aside(std::size_t keys, std::size_t most, bool alone) {
    const std::lock_guard lock(mutex_);
    const std::size_t pending = told_ + set_aside_;
    if (most > 0 && (alone ? pending > 0 : pending + keys > most)) return false;
    set_aside_ += keys;
    return true;
  }

  /// They were written, or given up: what is told from now on counts them.
  void written(std::size_t keys) {
    const std::lock_guard lock(mutex_);
    set_aside_ -= keys;
  }

  /// Answers may come out of order.
  void take(const Operation& operation) {
    const auto told = operation.labels.find(pending_label);
    if (told == operation.labels.end()) return;
    const std::lock_guard lock(mutex_);
    if (operation.complete < when_) return;
    when_ = operation.complete;
    std::from_chars(told->second.data(), told->second.data() + told->second.size(), told_);
  }

 private:
  std::mutex mutex_;
  std::size_t told_ = 0;  // 0 where the system does not tell
  std::size_t set_aside_ = 0;
  Nanoseconds when_ = 0;
};

/// One session: what it has written, and what it looks at.
class Viewer {
 public:
  Viewer(Session& session, ReadDelay delay, Pending& pending)
      : session_(session), catalogue_(session.catalogue()), delay_(delay), pending_(pending) {}

  void run() {
    while (session_.running()) {
      const std::string condition = session_.condition().name;
      const Deed* deed = condition == changing ? nullptr : next(condition);
      if (deed == nullptr) {
        wait();
        continue;
      }
      idle_ = Duration(0);
      carry_out(*deed);
    }
  }

 private:
  struct Old {
    std::string key;
    Nanoseconds written = 0;
  };
  struct Done {
    const Deed* deed = nullptr;
    std::vector<std::string> keys;
  };

  // The next in a shuffled order of all deeds, an order for each condition, so that each is done equally often under
  // each; those that may not be done now keep their place. Null if none may.
  const Deed* next(const std::string& condition) {
    std::vector<const Deed*>& deck = decks_[condition];
    if (deck.empty()) {
      for (const Deed& deed : catalogue_.deeds)
        deck.push_back(&deed);
      std::shuffle(deck.begin(), deck.end(), session_.random());
    }
    const auto found =
        std::find_if(deck.begin(), deck.end(), [&](const Deed* deed) { return possible(*deed) && affordable(*deed); });
    if (found == deck.end()) {
      // What is too much now waits. Where nothing left is possible at all, the others are due again.
      const auto waits = [&](const Deed* deed) { return possible(*deed); };
      if (std::none_of(deck.begin(), deck.end(), waits) && deck.size() < catalogue_.deeds.size()) deck.clear();
      return nullptr;
    }
    const Deed* deed = *found;
    deck.erase(found);
    return deed;
  }

  // If so, it is counted as pending from now on.
  bool affordable(const Deed& deed) { return pending_.set_aside(keys_of(deed), catalogue_.most_pending, deed.alone); }

  bool possible(const Deed& deed) const {
    return std::all_of(deed.steps.begin(), deed.steps.end(), [&](const DeedStep& step) {
      if (!step.remove) return true;
      const auto old = old_.find(step.kind);
      return old != old_.end() && old->second.size() >= step.count &&
             old->second[step.count - 1].written + old_after() <= now_;
    });
  }

  Nanoseconds old_after() const {
    return std::chrono::duration_cast<Duration>(std::chrono::milliseconds(catalogue_.old_after_ms)).count();
  }

  // Now and then a look at what was done last: by its answer it may be known how much is still pending.
  void wait() {
    idle_ += until_another_condition;
    if (!session_.pause(until_another_condition) || idle_ < until_another_look || lately_.empty()) return;
    idle_ = Duration(0);
    std::uniform_int_distribution<std::size_t> any(0, lately_.size() - 1);
    const Done& done = lately_[any(session_.random())];
    std::vector<const View*> views = views_of(*done.deed);
    std::shuffle(views.begin(), views.end(), session_.random());
    if (!views.empty()) look_at(*views.front(), *done.deed, done.keys);
  }

  void carry_out(const Deed& deed) {
    std::vector<std::string> keys;
    const Nanoseconds done = write(deed, keys);
    pending_.written(keys_of(deed));
    if (keys.empty() || !session_.running()) return;
    lately_.push_back({&deed, keys});
    if (lately_.size() > deeds_looked_at_further) lately_.pop_front();
    watch(deed, keys, done);
    remember(deed, keys, done);
  }

  // Sets `keys` to what is to be looked at, if anything is, and returns when that was written.
  Nanoseconds write(const Deed& deed, std::vector<std::string>& keys) {
    const std::uint64_t episode = session_.condition().episode;
    Nanoseconds done = 0;
    for (const DeedStep& step : deed.steps) {
      keys.clear();
      // What is written first is pending only under the condition that it was written in.
      if (deed.alone && session_.condition().episode != episode) return done;
      for (const Operation& operation : write(step, deed)) {
        if (operation.outcome == Outcome::fail) {
          settle(session_, operation);
          if (&step == &subject_of(deed)) {
            keys.clear();
            return done;
          }
          continue;
        }
        keys.push_back(operation.key);
        done = operation.complete;
      }
    }
    return done;
  }

  std::vector<Operation> write(const DeedStep& step, const Deed& deed) {
    const Note note{.intent = {}, .labels = {{"write", deed.name}}};
    std::vector<Operation> written;
    std::vector<Put> puts;
    for (std::size_t i = 0; i < step.count && session_.running(); ++i) {
      if (step.remove) {
        written.push_back(session_.remove(take_old(step.kind), note));
      } else if (deed.together) {
        puts.push_back({new_key(step.kind), session_.next_value()});
      } else {
        written.push_back(session_.write(new_key(step.kind), session_.next_value(), note));
      }
    }
    if (!puts.empty() && session_.running()) written = session_.write_together(puts, note);
    note_pending(written);
    return written;
  }

  void note_pending(const std::vector<Operation>& operations) {
    for (const Operation& operation : operations)
      pending_.take(operation);
  }

  std::string new_key(const std::string& kind) {
    const auto& single = catalogue_.single;
    if (std::find(single.begin(), single.end(), kind) != single.end())
      return fmt::format("{}/{}", session_.user(), kind);
    return fmt::format("{}/{}/{}-{}", session_.user(), kind, session_.name(), ++keys_made_);
  }

  std::string take_old(const std::string& kind) {
    std::vector<Old>& old = old_[kind];
    std::string key = old.front().key;
    old.erase(old.begin());
    // From now on it is looked at as what was deleted.
    for (Done& done : lately_)
      std::erase(done.keys, key);
    std::erase_if(lately_, [](const Done& done) { return done.keys.empty(); });
    return key;
  }

  std::vector<const View*> views_of(const Deed& deed) const {
    std::vector<const View*> views;
    for (const View& view : catalogue_.views) {
      if (std::find(view.kinds.begin(), view.kinds.end(), subject_of(deed).kind) != view.kinds.end())
        views.push_back(&view);
    }
    return views;
  }

  // Each view that can decide the keys, in another order each time, at delays that count from the write.
  void watch(const Deed& deed, const std::vector<std::string>& keys, Nanoseconds done) {
    std::vector<const View*> views = views_of(deed);
    now_ = done;
    for (const Duration delay : delay_.draw_ascending(session_.random(), looks_at_a_deed)) {
      if (!pause_for(session_, delay - Duration(now_ - done))) return;
      std::shuffle(views.begin(), views.end(), session_.random());
      for (const View* view : views) {
        look_at(*view, deed, keys);
        if (!session_.running()) return;
      }
    }
  }

  void look_at(const View& view, const Deed& deed, const std::vector<std::string>& keys) {
    const bool promised = view.promised && deed.promised;
    std::vector<Sought> sought;
    for (const std::string& key : keys)
      sought.push_back({key, {{"write", deed.name}, {"promised", promised ? "yes" : "no"}}});
    const std::vector<Operation> seen = session_.look(view, sought);
    if (!session_.running()) return;
    if (!seen.empty()) now_ = seen.back().complete;
    note_pending(seen);
  }

  // What stands there now may be deleted later on.
  void remember(const Deed& deed, const std::vector<std::string>& keys, Nanoseconds done) {
    if (subject_of(deed).remove) return;
    for (const std::string& key : keys)
      old_[subject_of(deed).kind].push_back({key, done});
  }

  Session& session_;
  const Catalogue& catalogue_;
  const ReadDelay delay_;
  Pending& pending_;
  std::map<std::string, std::vector<const Deed*>> decks_;  // by condition: what is still to be done
  std::map<std::string, std::vector<Old>> old_;            // by kind, the oldest first
  std::deque<Done> lately_;                                // what was done last
  Duration idle_{0};                                       // since it last did something
  std::uint64_t keys_made_ = 0;
  Nanoseconds now_ = 0;  // when something was seen last
};

class Views final : public Workload {
 public:
  explicit Views(const WorkloadSettings& settings) : delay_(settings.read_delay) {}

  void run(Session& session) override { Viewer(session, delay_, pending_of(session.user())).run(); }

 private:
  Pending& pending_of(const std::string& user) {
    const std::lock_guard lock(mutex_);
    return pending_[user];
  }

  ReadDelay delay_;
  std::mutex mutex_;
  std::map<std::string, Pending> pending_;  // by user
};

}  // namespace

std::unique_ptr<Workload> make_views(const Parameters& parameters, const WorkloadSettings& settings) {
  expect_none(parameters);
  return std::make_unique<Views>(settings);
}

}  // namespace afterwrite::workloads
