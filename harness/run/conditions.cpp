#include "harness/run/conditions.hpp"

#include <algorithm>

namespace afterwrite {
namespace {

constexpr const char* changing = "changing";
constexpr const char* other_fault = "other fault";

bool does_nothing(const std::string& fault) {
  return fault == "none";
}

bool on_replication_alone(const FaultEvent& start) {
  const auto links = start.detail.find("links");
  return links != start.detail.end() && !links->empty() &&
         std::all_of(links->begin(), links->end(),
                     [](const nlohmann::json& link) { return link.at("carries") == "replication"; });
}

std::string name_of(const FaultEvent& start) {
  if (!on_replication_alone(start)) return other_fault;
  if (start.fault == "hold") return "held";
  if (start.fault == "lag") return "delayed";
  return other_fault;
}

}  // namespace

void Conditions::turning(const std::string& fault) {
  if (does_nothing(fault)) return;
  const std::lock_guard lock(mutex_);
  become(changing);
}

void Conditions::take(const FaultEvent& event) {
  if (does_nothing(event.fault)) return;
  const std::lock_guard lock(mutex_);
  if (event.phase == "start") {
    episodes_[event.episode] = name_of(event);
    wearing_off_ = false;
    become(in_force());
  } else if (event.phase == "end" && episodes_.erase(event.episode) > 0) {
    wearing_off_ = !nodes_.empty();
    ended_ = clock_.now();
    caught_up_.clear();
    become(wearing_off_ ? changing : in_force());
  }
}

// That nothing is missing says little: under a kill nothing may have been written that could be.
void Conditions::take(const LagSample& sample, std::optional<Nanoseconds> shown) {
  const std::lock_guard lock(mutex_);
  nodes_.insert(sample.node);
  if (!wearing_off_ || !shown || *shown < ended_) return;
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
  if (names.empty()) return "none";
  return names.size() == 1 ? *names.begin() : other_fault;
}

}  // namespace afterwrite
