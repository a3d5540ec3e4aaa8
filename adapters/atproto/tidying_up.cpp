#include "adapters/atproto/tidying_up.hpp"

#include <fmt/format.h>
#include <map>

#include "adapters/atproto/bluesky.hpp"
#include "adapters/atproto/profile.hpp"
#include "adapters/atproto/xrpc.hpp"
#include "harness/session/duration.hpp"

namespace afterwrite::atproto {
namespace {

using Json = nlohmann::json;

constexpr auto login_ends_within = std::chrono::seconds(2);
// Somebody may write the profile just when it is put back.
constexpr int most_tries = 3;

// On one line, whatever it holds.
std::string as_it_was(const AuditedAccount& account) {
  if (account.first_profile.empty()) return "before the run there was none";
  return "before the run it was " + account.first_profile.dump(-1, ' ', /*ensure_ascii=*/true);
}

// `why`: by record.
std::string list(const AuditedAccount& account, const std::string& because,
                 const std::map<std::string, std::string>& why = {}, const std::string& profile_why = {}) {
  const auto reason = [](const std::string& text) { return text.empty() ? text : ": " + text; };
  std::string lines;
  for (const std::string& record : account.traces->records()) {
    const auto known = why.find(record);
    lines += fmt::format("\n  {}{}", record, known == why.end() ? "" : reason(known->second));
  }
  if (account.traces->profile_touched())
    lines += fmt::format("\n  {}/self, the profile{}; {}", profile_collection, reason(profile_why), as_it_was(account));
  if (lines.empty()) return {};
  return fmt::format(
      "afterwrite: {}; of what the run wrote, this may still be in the repository of {}, so delete it yourself:{}\n",
      because, account.who.handle, lines);
}

class TidyingUp {
 public:
  TidyingUp(const Server& pds, AuditedAccount& account, std::stop_token end, Duration patience)
      : url_(pds.url),
        account_(account),
        traces_(*account.traces),
        end_(std::move(end)),
        patience_(patience),
        xrpc_(pds.url, options_of(pds), pds.pace) {}

  std::string run() {
    for (const std::string& record : traces_.records()) {
      if (over()) break;
      remove(record);
    }
    if (!over()) put_profile_back();
    if (!over()) end_login();
    return told();
  }

 private:
  http::Options options_of(const Server& pds) const {
    http::Options options = pds.options;
    options.end = end_;
    return options;
  }

  bool over() const { return given_up_ || end_.stop_requested(); }

  // Whether it was answered at all.
  bool answered(const Response& response) {
    const Clock::time_point now = Clock::now();
    if (response.status != 0) last_answer_ = now;
    given_up_ = given_up_ || now - last_answer_ >= patience_;
    return response.status != 0;
  }

  // Again while there is no answer: twice does no harm.
  template <typename Call>
  Response insist(const Call& call) {
    for (;;) {
      Response response = call(Clock::now() + patience_);
      if (answered(response) || over()) return response;
    }
  }

  void remove(const std::string& record) {
    const std::size_t slash = record.find('/');
    const Json input{
        {"repo", account_.who.did}, {"collection", record.substr(0, slash)}, {"rkey", record.substr(slash + 1)}};
    const Response response = insist([&](Deadline deadline) {
      return xrpc_.post("com.atproto.repo.deleteRecord", input, account_.who.token, deadline);
    });
    if (response.ok())
      traces_.gone(record);
    else
      why_[record] = response.why;
  }

  void put_profile_back() {
    for (int i = 0; i < most_tries && traces_.profile_touched() && !over(); ++i)
      try_profile();
  }

  void try_profile() {
    const Response told = insist([&](Deadline deadline) {
      return xrpc_.get("com.atproto.repo.getRecord", profile_of(account_.who.did), account_.who.token, deadline);
    });
    profile_why_ = told.why;
    const ToldProfile there = profile_told(told);
    if (!there.known) return;
    if (there.record == account_.first_profile) return traces_.profile_settled();
    if (!traces_.wrote_profile(there.record, there.cid)) {
      changed_by_another_ = true;
      return traces_.profile_settled();
    }
    Json input{{"repo", account_.who.did}, {"collection", profile_collection}, {"rkey", "self"}};
    // Else somebody's change of this very moment would be written over.
    if (!there.cid.empty()) input["swapRecord"] = there.cid;
    const bool had_none = account_.first_profile.empty();
    if (!had_none) input["record"] = account_.first_profile;
    // Not again without another look: what got no answer may have been done.
    const Response put = xrpc_.post(had_none ? "com.atproto.repo.deleteRecord" : "com.atproto.repo.putRecord", input,
                                    account_.who.token, Clock::now() + patience_);
    answered(put);
    profile_why_ = put.why;
    if (put.ok()) traces_.profile_settled();
  }

  // So that it stays no longer than the run. It would end by itself, and is worth no wait.
  void end_login() {
    if (account_.who.refresh_token.empty()) return;
    xrpc_.post("com.atproto.server.deleteSession", nullptr, account_.who.refresh_token,
               Clock::now() + login_ends_within);
  }

  std::string told() const {
    std::string text;
    if (given_up_) {
      text = list(account_, fmt::format("{} has answered nothing for {}", url_, format_duration(patience_)));
    } else if (end_.stop_requested()) {
      text = list(account_, "tidying up was ended by a signal");
    } else {
      text = list(account_, fmt::format("{} did not delete all that it was asked to", url_), why_, profile_why_);
    }
    if (changed_by_another_) {
      text += fmt::format(
          "afterwrite: the profile of {} was changed by somebody else during the run and stays as it is now; {}\n",
          account_.who.handle, as_it_was(account_));
    }
    return text;
  }

  const std::string url_;
  AuditedAccount& account_;
  Traces& traces_;
  const std::stop_token end_;
  const Duration patience_;
  Xrpc xrpc_;
  Clock::time_point last_answer_ = Clock::now();
  bool given_up_ = false;
  bool changed_by_another_ = false;
  std::map<std::string, std::string> why_;  // by record
  std::string profile_why_;
};

}  // namespace

std::string tidy_up(const Server& pds, AuditedAccount& account, const std::stop_token& end, Duration patience) {
  return TidyingUp(pds, account, end, patience).run();
}

std::string left_behind(const AuditedAccount& account, const std::string& why) {
  return list(account, why);
}

}  // namespace afterwrite::atproto
