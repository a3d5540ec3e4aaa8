#include "adapters/atproto/traces.hpp"

#include <algorithm>

namespace afterwrite::atproto {

void Traces::writing(const std::string& record) {
  const std::lock_guard lock(mutex_);
  records_.push_back(record);
}

void Traces::gone(const std::string& record) {
  const std::lock_guard lock(mutex_);
  std::erase(records_, record);
}

std::vector<std::string> Traces::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

void Traces::writing_profile(const nlohmann::json& profile) {
  const std::lock_guard lock(mutex_);
  profiles_.push_back(profile);
}

void Traces::profile_refused(const nlohmann::json& profile) {
  const std::lock_guard lock(mutex_);
  // The same one may have been sent before, and have got no answer.
  const auto last = std::find(profiles_.rbegin(), profiles_.rend(), profile);
  if (last != profiles_.rend()) profiles_.erase(std::prev(last.base()));
}

void Traces::profile_written(const std::string& cid) {
  const std::lock_guard lock(mutex_);
  cid_ = cid;
}

void Traces::profile_settled() {
  const std::lock_guard lock(mutex_);
  profiles_.clear();
}

bool Traces::profile_touched() const {
  const std::lock_guard lock(mutex_);
  return !profiles_.empty();
}

bool Traces::wrote_profile(const nlohmann::json& profile, const std::string& cid) const {
  const std::lock_guard lock(mutex_);
  // A server may keep a profile in another shape than it was sent in.
  const bool acknowledged = !cid.empty() && cid == cid_;
  return acknowledged || std::find(profiles_.begin(), profiles_.end(), profile) != profiles_.end();
}

}  // namespace afterwrite::atproto
