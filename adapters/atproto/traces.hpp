#pragma once

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace afterwrite::atproto {

/// What a run wrote into an account of the user's, and has not removed yet. What may be there is noted before it is
/// sent, so that at every moment nothing is missing here. Any thread may call.
class Traces {
 public:
  /// `record`: `collection/rkey`.
  void writing(const std::string& record);
  /// It is not there: it was refused, or deleted.
  void gone(const std::string& record);
  /// In the order they were written.
  std::vector<std::string> records() const;

  void writing_profile(const nlohmann::json& profile);
  void profile_refused(const nlohmann::json& profile);
  /// `cid`: what the server calls the last one; empty if it does not say.
  void profile_written(const std::string& cid);
  /// There is nothing to put back any more.
  void profile_settled();
  bool profile_touched() const;
  /// Whether the run wrote this profile.
  bool wrote_profile(const nlohmann::json& profile, const std::string& cid) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> records_;
  std::vector<nlohmann::json> profiles_;  // all that were sent: what got no answer may come to be long after
  std::string cid_;
};

}  // namespace afterwrite::atproto
