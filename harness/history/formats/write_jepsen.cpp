#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "harness/history/formats/conversion.hpp"
#include "harness/history/formats/form.hpp"
#include "harness/history/formats/jepsen_call.hpp"
#include "harness/history/formats/jepsen_names.hpp"
#include "harness/history/text.hpp"
#include "harness/history/writer.hpp"

namespace afterwrite {
namespace {

/// One pair of maps: an operation, or those of one transaction that had the same outcome.
struct Group {
  Outcome outcome = Outcome::ok;
  std::vector<const Operation*> operations;
  Nanoseconds invoke = 0;
  Nanoseconds complete = 0;
  std::int64_t process = -1;

  const Operation& first() const { return *operations.front(); }
};

/// Where one of the two maps of a group stands.
struct Moment {
  Nanoseconds time = 0;
  bool invocation = false;
  std::size_t group = 0;

  /// What completes at a moment does so before anything begins; what takes no time begins where it completes.
  bool operator<(const Moment& other) const {
    if (time != other.time) return time < other.time;
    return rank() < other.rank();
  }
  bool instant = false;

 private:
  std::tuple<bool, std::size_t, bool> rank() const { return {invocation && !instant, group, !invocation}; }
};

std::string_view kind_name(Function function) {
  if (function == Function::read) return "read";
  return function == Function::append ? "append" : "write";
}

std::string_view step_name(Function function) {
  if (function == Function::read) return "r";
  return function == Function::append ? "append" : "w";
}

void append_scalar(std::string& out, const Scalar& scalar) {
  if (const auto* number = std::get_if<std::int64_t>(&scalar)) {
    out += fmt::format("{}", *number);
  } else {
    out += edn_string(std::get<std::string>(scalar));
  }
}

void append_value(std::string& out, const Value& value) {
  if (is_null(value)) {
    out += "nil";
  } else if (const auto* list = std::get_if<List>(&value)) {
    out += '[';
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (i > 0) out += ' ';
      append_scalar(out, (*list)[i]);
    }
    out += ']';
  } else {
    append_scalar(out, to_scalar(value));
  }
}

/// Whether an operation's map has another use for a field of that name.
bool is_taken(std::string_view name, const Operation& op) {
  static const std::set<std::string_view> always{"index", "time",  "type",    "process", "f",       "value", "key",
                                                 "node",  "error", "session", "user",    "version", "epoch"};
  return always.contains(name) || (name == "role" && op.role != Role::unknown) ||
         (name == "position" && !op.position.empty()) || (name == "intent" && !op.intent.empty()) ||
         (name == "waited_ms" && op.waited_ms > 0) || (name == "fallback" && op.fallback);
}

/// A keyword, or the string that says what no keyword can.
std::string field_name(std::string_view name) {
  const bool plain = !name.empty() && name.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-_.") == std::string_view::npos;
  return plain ? fmt::format(":{}", name) : edn_string(name);
}

/// Whether two operations say the same beside what they did to which key, and when.
bool of_same_details(const Operation& a, const Operation& b) {
  const auto details = [](const Operation& op) {
    return std::tie(op.user, op.node, op.role, op.version, op.position, op.intent, op.waited_ms, op.fallback, op.labels,
                    op.error);
  };
  return details(a) == details(b);
}

/// Whether the header asks for groups by that label, alone or with others.
bool groups_by(const Header& header, const std::string& label) {
  const auto found = header.all.find("group_by");
  if (found == header.all.end()) return false;
  const auto names_it = [&](const auto& names) {
    return names.is_string() &&
           fmt::format(",{},", names.template get<std::string>()).find("," + label + ",") != std::string::npos;
  };
  return names_it(*found) || (found->is_array() && std::any_of(found->begin(), found->end(), names_it));
}

class JepsenWriter {
 public:
  explicit JepsenWriter(const History& history) : history_(history), acknowledgement_(history) {}

  Losses write(const TextSink& sink) {
    gather();
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const bool instant = groups_[i].invoke == groups_[i].complete;
      moments.push_back({groups_[i].invoke, true, i, instant});
      moments.push_back({groups_[i].complete, false, i, instant});
    }
    std::sort(moments.begin(), moments.end());
    sink(header());
    for (const Moment& moment : moments) {
      Group& group = groups_[moment.group];
      if (moment.invocation) group.process = take_process(group.first());
      sink(map_of(group, moment.invocation));
      if (!moment.invocation) give_back(group);
    }
    say_losses();
    return std::move(losses_);
  }

 private:
  void gather() {
    std::map<std::pair<std::string_view, std::string_view>, std::map<Outcome, std::size_t>>
        open;  // by session and name
    for (const Operation& op : history_.operations) {
      transactions_ = transactions_ || !op.txn.empty() || op.function == Function::append || is_list(op.value);
      versions_ += op.version ? 1U : 0U;
      epochs_ = epochs_ || (op.version && op.version->epoch != 0);
      const Outcome outcome = acknowledgement_.outcome(op);
      if (!op.txn.empty()) {
        const auto [place, fresh] = open[{op.session, op.txn}].try_emplace(outcome, groups_.size());
        if (!fresh) {
          Group& group = groups_[place->second];
          other_details_ += of_same_details(group.first(), op) ? 0U : 1U;
          group.operations.push_back(&op);
          continue;
        }
      }
      groups_.push_back({outcome, {&op}, op.invoke, op.complete, -1});
    }
    for (const auto& [name, parts] : open)
      give_the_times_of_the_whole(parts);
  }

  void give_the_times_of_the_whole(const std::map<Outcome, std::size_t>& parts) {
    const Group& any = groups_[parts.begin()->second];
    Nanoseconds invoke = any.invoke;
    Nanoseconds complete = any.complete;
    for (const auto& [outcome, part] : parts) {
      for (const Operation* op : groups_[part].operations) {
        invoke = std::min(invoke, op->invoke);
        complete = std::max(complete, op->complete);
      }
    }
    for (const auto& [outcome, part] : parts) {
      for (const Operation* op : groups_[part].operations)
        own_times_ += op->invoke != invoke || op->complete != complete ? 1U : 0U;
      groups_[part].invoke = invoke;
      groups_[part].complete = complete;
    }
  }

  /// A process does one thing at a time, and none after an outcome that is unknown.
  std::int64_t take_process(const Operation& op) {
    std::set<std::int64_t>& free = free_[{op.session, op.process}];
    if (!free.empty()) return free.extract(free.begin()).value();
    processes_of_session_[op.session] += 1;
    return next_process_++;
  }

  void give_back(const Group& group) {
    const Operation& op = group.first();
    if (group.outcome != Outcome::info) free_[{op.session, op.process}].insert(group.process);
  }

  std::string header() const {
    Header header = history_.header;
    if (history_.truncated) header.all[cut_short_field] = true;
    return fmt::format("{{:type :info, :process :{}, :f :header, :value {}}}\n", header_process,
                       edn_string(header_line(header)));
  }

  std::string map_of(const Group& group, bool invocation) {
    const Operation& op = group.first();
    std::string_view type = invocation ? "invoke" : to_string(group.outcome);
    std::string out = fmt::format("{{:index {}, :time {}, :type :{}, :process {}, :f :{}, :value ", index_++,
                                  invocation ? group.invoke : group.complete, type, group.process,
                                  transactions_ ? "txn" : kind_name(op.function));
    append_call(out, group, !invocation && group.outcome == Outcome::ok);
    const auto text = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) out += fmt::format(", :{} {}", name, edn_string(value));
    };
    if (op.session != fmt::format("{}", group.process)) text("session", op.session);
    text("user", op.user);
    if (!invocation) append_details(out, op, text);
    return out + "}\n";
  }

  void append_details(std::string& out, const Operation& op, const auto& text) {
    text("node", op.node);
    if (op.role != Role::unknown) text("role", to_string(op.role));
    if (op.version) out += fmt::format(", :version {}, :epoch {}", op.version->version, op.version->epoch);
    text("position", op.position);
    text("intent", op.intent);
    if (op.waited_ms > 0) out += fmt::format(", :waited_ms {}", op.waited_ms);
    if (op.fallback) out += ", :fallback true";
    text("error", op.error);
    for (const auto& [name, value] : op.labels) {
      if (is_taken(name, op)) {
        ++lost_labels_;
        names_of_lost_labels_.insert(name);
      } else {
        out += fmt::format(", {} {}", field_name(name), edn_string(value));
      }
    }
  }

  void append_call(std::string& out, const Group& group, bool answered) const {
    const auto value_of = [&](const Operation& op) -> const Value& {
      static const Value nothing;
      return op.function == Function::read && !answered ? nothing : op.value;
    };
    if (!transactions_) {
      out += fmt::format("[{} ", key_form(group.first().key));
      append_value(out, value_of(group.first()));
      out += ']';
      return;
    }
    out += '[';
    for (const Operation* op : group.operations) {
      if (out.back() != '[') out += ' ';
      out += fmt::format("[:{} {} ", step_name(op->function), key_form(op->key));
      append_value(out, value_of(*op));
      out += ']';
    }
    out += ']';
  }

  void say_losses() {
    const auto say = [&](bool is_so, const std::string& what) {
      if (is_so) losses_.push_back(what);
    };
    say(versions_ > 0, fmt::format("recorded versions of {} are written as :version{}: name it with "
                                   "--version-field version",
                                   counted(versions_, "operation"), epochs_ ? ", their epochs as :epoch" : ""));
    const auto several = std::count_if(processes_of_session_.begin(), processes_of_session_.end(),
                                       [](const auto& entry) { return entry.second > 1; });
    say(several > 0,
        fmt::format("several processes are one session's, in {}; :session tells which belong together, other programs "
                    "take each process for a session",
                    counted(static_cast<std::uint64_t>(several), "session")));
    say(own_times_ > 0,
        fmt::format("{} of transactions {} the times of the whole: where one saw what was written only later "
                    "in another, that is no longer told",
                    counted(own_times_, "operation"), own_times_ == 1 ? "bears" : "bear"));
    say(other_details_ > 0, fmt::format("{} of transactions {} the node, labels, versions and the like of the first of "
                                        "theirs, not what was recorded",
                                        counted(other_details_, "operation"), other_details_ == 1 ? "bears" : "bear"));
    say_lost_labels();
    add_what_was_undone(history_, acknowledgement_, losses_);
    say(!history_.faults.empty() || !history_.lags.empty(),
        "faults and lag samples are not written: fewer operations will count as at risk");
  }

  void say_lost_labels() {
    if (lost_labels_ == 0) return;
    std::vector<std::string> names;
    std::vector<std::string> asked_for;
    for (const std::string& name : names_of_lost_labels_) {
      names.push_back(visible_text(name));
      if (groups_by(history_.header, name)) asked_for.push_back(visible_text(name));
    }
    std::string loss = fmt::format("{} {} not written, since fields have {}: {}", counted(lost_labels_, "label"),
                                   lost_labels_ == 1 ? "is" : "are", lost_labels_ == 1 ? "its name" : "their names",
                                   fmt::join(names, ", "));
    if (!asked_for.empty()) {
      loss += fmt::format(
          "; the header asks for groups by {}, which it can no longer be judged by: name another "
          "label with --group-by",
          fmt::join(asked_for, ", "));
    }
    losses_.push_back(std::move(loss));
  }

  const History& history_;
  Acknowledgement acknowledgement_;
  std::vector<Group> groups_;
  std::map<std::pair<std::string_view, std::string_view>, std::set<std::int64_t>> free_;
  std::map<std::string_view, std::uint64_t> processes_of_session_;
  std::int64_t next_process_ = 0;
  std::uint64_t index_ = 0;
  std::uint64_t versions_ = 0;
  std::uint64_t own_times_ = 0;
  std::uint64_t other_details_ = 0;
  std::uint64_t lost_labels_ = 0;
  std::set<std::string> names_of_lost_labels_;
  bool epochs_ = false;
  bool transactions_ = false;
  Losses losses_;
};

}  // namespace

Losses write_jepsen_edn(const History& history, const TextSink& sink) {
  return JepsenWriter(history).write(sink);
}

}  // namespace afterwrite
