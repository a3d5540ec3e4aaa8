#include <algorithm>
#include <fmt/format.h>
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
          groups_[place->second].operations.push_back(&op);
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

  void append_details(std::string& out, const Operation& op, const auto& text) const {
    text("node", op.node);
    if (op.role != Role::unknown) text("role", to_string(op.role));
    if (op.version) out += fmt::format(", :version {}, :epoch {}", op.version->version, op.version->epoch);
    text("position", op.position);
    text("intent", op.intent);
    text("error", op.error);
    static const std::set<std::string_view> taken{"index", "time",     "type",   "process", "f",    "value",
                                                  "key",   "session",  "user",   "node",    "role", "version",
                                                  "epoch", "position", "intent", "error"};
    for (const auto& [name, value] : op.labels) {
      const bool plain = !name.empty() && name.find_first_not_of(
                                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789-_.") == std::string::npos;
      if (plain && !taken.contains(name)) text(name, value);
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
    add_what_was_undone(history_, acknowledgement_, losses_);
    say(!history_.faults.empty() || !history_.lags.empty(),
        "faults and lag samples are not written: fewer operations will count as at risk");
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
  bool epochs_ = false;
  bool transactions_ = false;
  Losses losses_;
};

}  // namespace

Losses write_jepsen_edn(const History& history, const TextSink& sink) {
  return JepsenWriter(history).write(sink);
}

}  // namespace afterwrite
