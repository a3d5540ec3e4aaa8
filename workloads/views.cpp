#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

#include "workloads/kinds.hpp"
#include "workloads/pace.hpp"

namespace afterwrite::workloads {
namespace {

constexpr std::size_t looks_at_a_deed = 3;
constexpr Duration until_another_condition = std::chrono::milliseconds(40);

const DeedStep& subject_of(const Deed& deed) {
  return deed.steps.back();
}

std::size_t keys_of(const Deed& deed) {
  std::size_t keys = 0;
  for (const DeedStep& step : deed.steps)
    keys += step.count;
  return keys;
}

/// One session: what it has written, and what it may still do under the fault that is in force.
class Viewer {
 public:
  Viewer(Session& session, ReadDelay delay) : session_(session), catalogue_(session.catalogue()), delay_(delay) {}

  void run() {
    while (session_.running()) {
      const Condition condition = session_.condition();
      if (condition.episode != episode_) {
        episode_ = condition.episode;
        spent_ = 0;
      }
      const Deed* deed = condition.name == "changing" ? nullptr : next(condition.name);
      if (deed == nullptr) {
        session_.pause(until_another_condition);
        continue;
      }
      carry_out(*deed);
    }
  }

 private:
  struct Old {
    std::string key;
    Nanoseconds written = 0;
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
    const auto found = std::find_if(deck.begin(), deck.end(),
                                    [&](const Deed* deed) { return affordable(*deed, condition) && possible(*deed); });
    if (found == deck.end()) {
      // What is too much for this episode waits for the next. Where nothing left is possible at all, the others are due
      // again.
      const auto waits = [&](const Deed* deed) { return possible(*deed); };
      if (std::none_of(deck.begin(), deck.end(), waits) && deck.size() < catalogue_.deeds.size()) deck.clear();
      return nullptr;
    }
    const Deed* deed = *found;
    deck.erase(found);
    return deed;
  }

  bool affordable(const Deed& deed, const std::string& condition) const {
    if (condition == "none" || catalogue_.most_in_an_episode == 0) return true;
    return deed.alone ? spent_ == 0 : spent_ + keys_of(deed) <= catalogue_.most_in_an_episode;
  }

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

  void carry_out(const Deed& deed) {
    spent_ += keys_of(deed);
    std::vector<std::string> keys;
    Nanoseconds done = 0;
    for (const DeedStep& step : deed.steps) {
      keys.clear();
      const std::vector<Operation> written = write(step, deed);
      for (const Operation& operation : written) {
        if (operation.outcome == Outcome::fail) {
          settle(session_, operation);
          if (&step == &subject_of(deed)) return;
          continue;
        }
        keys.push_back(operation.key);
        done = operation.complete;
      }
    }
    if (keys.empty() || !session_.running()) return;
    look_at(deed, keys, done);
    remember(deed, keys, done);
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
    return puts.empty() || !session_.running() ? written : session_.write_together(puts, note);
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
    return key;
  }

  // Each view that can decide the keys, in another order each time, at delays that count from the write.
  void look_at(const Deed& deed, const std::vector<std::string>& keys, Nanoseconds done) {
    std::vector<const View*> views;
    for (const View& view : catalogue_.views) {
      if (std::find(view.kinds.begin(), view.kinds.end(), subject_of(deed).kind) != view.kinds.end())
        views.push_back(&view);
    }
    now_ = done;
    for (const Duration delay : delay_.draw_ascending(session_.random(), looks_at_a_deed)) {
      if (!pause_for(session_, delay - Duration(now_ - done))) return;
      std::shuffle(views.begin(), views.end(), session_.random());
      for (const View* view : views) {
        const bool promised = view->promised && deed.promised;
        std::vector<Sought> sought;
        for (const std::string& key : keys)
          sought.push_back({key, {{"write", deed.name}, {"promised", promised ? "yes" : "no"}}});
        const std::vector<Operation> seen = session_.look(*view, sought);
        if (!session_.running()) return;
        if (!seen.empty()) now_ = seen.back().complete;
      }
    }
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
  std::map<std::string, std::vector<const Deed*>> decks_;  // by condition: what is still to be done
  std::map<std::string, std::vector<Old>> old_;            // by kind, the oldest first
  std::uint64_t episode_ = 0;
  std::size_t spent_ = 0;  // keys written in it
  std::uint64_t keys_made_ = 0;
  Nanoseconds now_ = 0;  // when something was seen last
};

class Views final : public Workload {
 public:
  explicit Views(const WorkloadSettings& settings) : delay_(settings.read_delay) {}

  void run(Session& session) override { Viewer(session, delay_).run(); }

 private:
  ReadDelay delay_;
};

}  // namespace

std::unique_ptr<Workload> make_views(const Parameters& parameters, const WorkloadSettings& settings) {
  expect_none(parameters);
  return std::make_unique<Views>(settings);
}

}  // namespace afterwrite::workloads
