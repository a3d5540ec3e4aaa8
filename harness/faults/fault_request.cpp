#include "harness/faults/fault_request.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/faults/fault_kinds.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/link.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {
namespace {

/// Reads one request, naming it whole in every message.
class Parser {
 public:
  explicit Parser(std::string_view text) : where_(fmt::format("--fault '{}'", text)) { request_.text = text; }

  FaultRequest parse() {
    std::string_view rest = request_.text;
    const std::string_view head = take(rest);
    const std::size_t colon = head.find(':');
    request_.name = head.substr(0, colon);
    if (request_.name.empty()) fail("name a fault: NAME[:TARGET][,param=value...][@START[..END]]");
    kind_ = &fault_kind(request_.name, where_);
    if (colon != std::string_view::npos) request_.target = head.substr(colon + 1);
    while (!rest.empty()) {
      const char mark = rest.front();
      rest.remove_prefix(1);
      const std::string_view part = take(rest);
      if (mark == '@') {
        times(part);
      } else {
        parameter(part);
      }
    }
    check_whole();
    return std::move(request_);
  }

 private:
  // Up to the next mark, which stays.
  static std::string_view take(std::string_view& rest) {
    const std::size_t end = std::min(rest.find_first_of(",@"), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end);
    return part;
  }

  [[noreturn]] void fail(const std::string& why) const { throw UsageError(fmt::format("{}: {}", where_, why)); }

  [[noreturn]] void fail_with_form(const std::string& why) const {
    fail(fmt::format("{}; write {}", why, kind_->form));
  }

  void times(std::string_view text) {
    if (timed_) fail_with_form("it has two times");
    timed_ = true;
    const std::size_t dots = text.find("..");
    const std::string_view start = text.substr(0, dots);
    if (start.empty()) fail("the start is missing after the @; @0 is the start of the run");
    request_.start = parse_duration(start, fmt::format("{}: the start", where_));
    if (dots == std::string_view::npos) return;
    const std::string_view end = text.substr(dots + 2);
    if (end.empty()) fail("the end is missing after the '..'; leave them out for the end of the run");
    if (kind_->timing == FaultTiming::moment) {
      fail(fmt::format("{} happens at a moment: leave out '..{}'", kind_->name, end));
    }
    request_.end = parse_duration(end, fmt::format("{}: the end", where_));
    if (*request_.end <= request_.start) fail(fmt::format("it ends at {}, not after its start at {}", end, start));
  }

  void parameter(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      fail_with_form(fmt::format("'{}' is no parameter (param=value)", text));
    }
    const std::string name(text.substr(0, equals));
    const std::string value(text.substr(equals + 1));
    std::vector<std::string> known;
    const FaultParameter* found = nullptr;
    for (const FaultParameter& each : kind_->parameters) {
      known.emplace_back(each.name);
      if (each.name == name) found = &each;
    }
    if (found == nullptr) {
      if (known.empty()) fail_with_form(fmt::format("{} has no parameters, so no '{}'", kind_->name, name));
      fail(fmt::format("{} has no parameter '{}'{}", kind_->name, name, known_names_hint(name, known)));
    }
    check_value(*found, value);
    if (!request_.parameters.emplace(name, value).second) fail(fmt::format("{} is given twice", name));
  }

  void check_value(const FaultParameter& parameter, const std::string& value) const {
    if (parameter.form == ParameterForm::links) {
      const std::vector<std::string> known{"replication", "clients", "both"};
      if (std::find(known.begin(), known.end(), value) != known.end()) return;
      fail(fmt::format("links={}: no such links{}", value, known_names_hint(value, known)));
    }
    const Duration duration = parse_duration(value, fmt::format("{}: {}", where_, parameter.name));
    if (parameter.form == ParameterForm::positive_duration && duration.count() == 0) {
      fail(fmt::format("{} must be above 0", parameter.name));
    }
    if (duration > longest_delay) {
      fail(fmt::format("{}={}: at most {}", parameter.name, value, format_duration(longest_delay)));
    }
  }

  void check_whole() {
    if (kind_->takes_target && request_.target.empty()) {
      fail_with_form(fmt::format("{} needs a target (leader, follower-1 ... or a node's name)", kind_->name));
    }
    if (!kind_->takes_target && request_.text.starts_with(request_.name + ":")) {
      fail_with_form(fmt::format("{} takes no target", kind_->name));
    }
    for (const FaultParameter& each : kind_->parameters) {
      if (each.needed && !request_.parameters.contains(std::string(each.name))) {
        fail_with_form(fmt::format("{} needs {}=", kind_->name, each.name));
      }
    }
    if (!timed_ && kind_->timing != FaultTiming::span) {
      fail_with_form(fmt::format("{} needs a time, e.g. @4s", kind_->name));
    }
    request_.whole_run = !timed_;
  }

  std::string where_;
  FaultRequest request_;
  const FaultKind* kind_ = nullptr;
  bool timed_ = false;
};

}  // namespace

FaultRequest parse_fault(std::string_view text) {
  return Parser(text).parse();
}

std::vector<FaultRequest> lag_requests(const std::vector<Duration>& lag, std::size_t followers) {
  std::vector<FaultRequest> requests;
  std::string text = "--lag ";
  for (std::size_t i = 0; i < lag.size(); ++i)
    text += (i == 0 ? "" : ",") + format_duration(lag[i]);
  for (std::size_t i = 0; i < followers && !lag.empty(); ++i) {
    if (lag.size() > 1 && i >= lag.size()) break;
    const Duration each = lag.size() == 1 ? lag.front() : lag[i];
    const auto times = lag.size() == 1 ? static_cast<std::int64_t>(i + 1) : 1;
    if (each.count() == 0) continue;
    if (each > longest_delay / times) {
      throw UsageError(fmt::format("{}: follower {} would lag by more than {}, which is the most", text, i + 1,
                                   format_duration(longest_delay)));
    }
    const Duration delay = each * times;
    FaultRequest request;
    request.name = "lag";
    request.target = fmt::format("follower-{}", i + 1);
    request.parameters = {{"delay", format_duration(delay)}, {"links", "replication"}};
    request.whole_run = true;
    request.text = text;
    requests.push_back(std::move(request));
  }
  return requests;
}

bool needs_client_links(std::span<const FaultRequest> requests, bool replication_links) {
  return std::any_of(requests.begin(), requests.end(), [&](const FaultRequest& request) {
    const auto& known = fault_kind(request.name, spelled(request)).parameters;
    const bool on_links = std::any_of(known.begin(), known.end(), [](const FaultParameter& parameter) {
      return parameter.form == ParameterForm::links;
    });
    if (!on_links) return false;
    const auto asked = request.parameters.find("links");
    if (asked != request.parameters.end()) return asked->second != "replication";
    if (parse_link_name(request.target)) return false;
    // Unless it says so itself, what is not surely aimed at a follower may end up at the sessions' links.
    return !replication_links || !request.target.starts_with("follower-");
  });
}

}  // namespace afterwrite
