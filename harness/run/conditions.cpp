#include "harness/run/conditions.hpp"

#include <algorithm>

namespace afterwrite {
namespace {

constexpr const char* changing = "changing";

std::string name_of(const std::string& fault) {
  if (fault == "hold") return "held";
  if (fault == "lag") return "delayed";
  return fault;
}

}  // namespace

void Conditions::turning() {
  const std::lock_guard lock(mutex_);
  become(changing);
}

void Conditions::take(const FaultEvent& event) {
  const std::lock_guard lock(mutex_);
  if (event.phase == "start") {
    episodes_[event.episode] = name_of(event.fault);
    wearing_off_ = false;
    become(in_force());
  } else if (event.phase == "end" && episodes_.erase(event.episode) > 0) {
    wearing_off_ = !nodes_.empty();
    ended_ = clock_.now();
    caught_up_.clear();
    become(wearing_off_ ? changing : in_force());
  }
}

void Conditions::take(const LagSample& sample) {
  const std::lock_guard lock(mutex_);
  nodes_.insert(sample.node);
  if (!wearing_off_ || !sample.reachable || sample.time < ended_) return;
  if (sample.beat_acknowledged && *sample.beat_acknowledged < ended_) return;
  caught_up_.insert(sample.node);
  if (!std::includes(caught_up_.begin(), caught_up_.end(), nodes_.begin(), nodes_.end())) return;
  wearing_off_ = false;
  become(in_force());
}

Condition Conditions::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void Conditions::writing(const std::string& key, Nanoseconds invoke) {
  const std::lock_guard lock(mutex_);
  Nanoseconds& last = written_[key];
  last = std::max(last, invoke);
}

std::string Conditions::of_read(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto written = written_.find(key);
  const Nanoseconds from = written == written_.end() ? 0 : written->second;
  return since_ <= from ? now_.name : changing;
}

void Conditions::become(const std::string& name) {
  if (name == now_.name) return;
  now_.name = name;
  ++now_.episode;
  since_ = clock_.now();
}

std::string Conditions::in_force() const {
  std::set<std::string> names;
  for (const auto& [episode, name] : episodes_)
    names.insert(name);
  std::string all;
  for (const std::string& name : names)
    all += (all.empty() ? "" : "+") + name;
  return all.empty() ? "none" : all;
}

}  // namespace afterwrite
