#include <charconv>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "harness/history/bad_history.hpp"
#include "harness/history/formats/conversion.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

constexpr std::int64_t initial = 0;

/// Names as whole numbers: as they are if all of them are such numbers, else counted in order of appearance.
class Numbers {
 public:
  explicit Numbers(std::int64_t least) : least_(least) {}

  void add(const Scalar& name) {
    if (const auto [place, fresh] = counted_.emplace(name, static_cast<std::int64_t>(counted_.size()) + 1); !fresh)
      return;
    const auto number = number_of(name);
    kept_ = kept_ && number && *number >= least_ && numbers_.insert(*number).second;
  }

  std::int64_t operator[](const Scalar& name) const { return kept_ ? *number_of(name) : counted_.at(name); }
  bool kept() const { return kept_; }
  /// Greater than every number given out.
  std::int64_t next() const {
    return kept_ && !numbers_.empty() ? *numbers_.rbegin() + 1 : static_cast<std::int64_t>(counted_.size()) + 1;
  }

 private:
  static std::optional<std::int64_t> number_of(const Scalar& name) {
    if (const auto* number = std::get_if<std::int64_t>(&name)) return *number;
    const std::string& text = std::get<std::string>(name);
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop != text.data() + text.size() || number > INT64_MAX / 2) return std::nullopt;
    return number;
  }

  std::int64_t least_;
  bool kept_ = true;
  std::map<Scalar, std::int64_t> counted_;
  std::set<std::int64_t> numbers_;
};

class PlumeWriter {
 public:
  explicit PlumeWriter(const History& history) : history_(history), acknowledgement_(history) {}

  Losses write(const TextSink& sink) {
    survey();
    next_session_ = sessions_.next();
    bool any = false;
    for (const Operation& op : history_.operations) {
      const std::string line = line_of(op);
      any = any || !line.empty();
      sink(line);
    }
    if (!any) {
      throw BadHistory(
          fmt::format("{}: nothing would be left of it: no read was answered, no write is known to have taken effect; "
                      "convert it to jepsen-edn",
                      history_.name));
    }
    say_losses();
    return std::move(losses_);
  }

 private:
  /// What of one transaction had the same outcome: session, transaction, outcome.
  using Part = std::tuple<std::string_view, std::string_view, Outcome>;

  struct Place {
    std::int64_t session = 0;
    std::int64_t txn = 0;
  };

  Outcome outcome(const Operation& op) const { return acknowledgement_.outcome(op); }
  Part part_of(const Operation& op) const { return {op.session, op.txn, outcome(op)}; }

  /// Numbers everything, and learns which values were read.
  void survey() {
    for (const Operation& op : history_.operations) {
      if (op.function == Function::append || is_list(op.value)) {
        throw BadHistory(
            fmt::format("{}:{}: field '{}': holds a list; Plume's format has registers only, convert it to "
                        "jepsen-edn",
                        history_.name, op.line, op.function == Function::append ? "f" : "value"));
      }
      keys_.add(op.key);
      sessions_.add(op.session);
      if (!is_null(op.value)) values_.add(to_scalar(op.value));
      if (op.function == Function::read && outcome(op) == Outcome::ok) seen_[op.key].insert(op.value);
      ordered_ += overlaps(op) ? 1U : 0U;
      versions_ += op.version ? 1U : 0U;
      users_ += op.user.empty() ? 0U : 1U;
      labels_ += op.labels.empty() ? 0U : 1U;
    }
    for (const Operation& op : history_.operations) {
      if (op.txn.empty() || (op.function == Function::read && outcome(op) != Outcome::ok)) continue;
      if (op.function != Function::remove) more_than_deletes_.insert(part_of(op));
      if (op.is_write() && was_read(op)) read_.insert(part_of(op));
    }
  }

  bool was_read(const Operation& op) const {
    const auto seen = seen_.find(op.key);
    return seen != seen_.end() && seen->second.contains(op.value);
  }

  /// With an operation above it that its session had not seen the end of: the file will put one before the other. So it
  /// is where a transaction goes on after something else of its session.
  bool overlaps(const Operation& op) {
    const bool begun = !op.txn.empty() && !begun_.emplace(op.session, op.txn).second;
    auto [last, fresh] = last_of_session_.try_emplace(op.session, &op);
    if (fresh) return false;
    const Operation& above = *std::exchange(last->second, &op);
    if (begun && op.txn != above.txn) return true;
    return !completes_before(above, op) && (op.txn.empty() || op.txn != above.txn);
  }

  std::string line_of(const Operation& op) {
    if (op.function == Function::read) {
      if (outcome(op) != Outcome::ok) {
        ++unanswered_;
        return {};
      }
      return line('r', op);
    }
    if (op.function == Function::remove) ++deletes_;
    if (outcome(op) == Outcome::ok) return line('w', op);
    if (outcome(op) == Outcome::fail) {
      if (op.function == Function::remove) return {};
      return line('w', op, sessions_[op.session], -1);
    }
    return line_of_unknown(op);
  }

  std::string line_of_unknown(const Operation& op) {
    // A transaction of which a part was seen took effect as a whole.
    if (op.txn.empty() ? !was_read(op) : !read_.contains(part_of(op))) {
      ++unseen_;
      return {};
    }
    ++set_apart_;
    return line('w', op);
  }

  std::string line(char function, const Operation& op) {
    const Place place = place_of(op);
    return line(function, op, place.session, place.txn);
  }

  std::string line(char function, const Operation& op, std::int64_t session, std::int64_t txn) const {
    const std::int64_t value = is_null(op.value) ? initial : values_[to_scalar(op.value)];
    return fmt::format("{}({},{},{},{})\n", function, keys_[op.key], value, session, txn);
  }

  /// A transaction of nothing but deletes is written as several: as one, it would be taken for what sets up the
  /// initial state.
  Place place_of(const Operation& op) {
    if (op.txn.empty() || !more_than_deletes_.contains(part_of(op))) return next_place(op);
    const auto [place, fresh] = places_.try_emplace(part_of(op));
    if (fresh) place->second = next_place(op);
    return place->second;
  }

  /// Nobody knows when what has an unknown outcome came into effect, so it follows and precedes nothing.
  Place next_place(const Operation& op) {
    return {outcome(op) == Outcome::info ? next_session_++ : sessions_[op.session], ++transactions_};
  }

  void say_losses() {
    const auto say = [&](std::uint64_t count, const std::string& what) {
      if (count > 0) losses_.push_back(what);
    };
    losses_.emplace_back("times and assumptions are not written: only the order within each session remains");
    say(versions_, fmt::format("recorded versions of {} are not written", counted(versions_, "operation")));
    say(users_, "users are not written");
    say(labels_, fmt::format("labels of {} are not written", counted(labels_, "operation")));
    say(history_.faults.size() + history_.lags.size(),
        "faults and lag samples are not written: fewer operations will count as at risk");
    add_what_was_undone(history_, acknowledgement_, losses_);
    say(unanswered_, fmt::format("left out: {} without an answer", counted(unanswered_, "read")));
    say(unseen_, fmt::format("left out: {} of unknown outcome that no read saw", counted(unseen_, "write")));
    say(set_apart_, fmt::format("given sessions of their own: {} of unknown outcome that a read saw",
                                counted(set_apart_, "write")));
    say(deletes_, fmt::format("written as writes of {}, the initial value: {}", initial, counted(deletes_, "delete")));
    say(ordered_, fmt::format("written as if they followed another of their session that they overlap: {}",
                              counted(ordered_, "operation")));
    say(keys_.kept() ? 0 : 1, "keys are numbered in order of appearance");
    say(values_.kept() ? 0 : 1, "values are numbered in order of appearance");
    say(sessions_.kept() ? 0 : 1, "sessions are numbered in order of appearance");
    say(history_.truncated ? 1 : 0, "that the recording was cut short is not written");
  }

  const History& history_;
  Acknowledgement acknowledgement_;
  Numbers keys_{0};
  Numbers sessions_{0};
  Numbers values_{initial + 1};
  std::unordered_map<std::string_view, std::set<Value>> seen_;
  std::set<std::pair<std::string_view, std::string_view>> begun_;  // transactions: session and name
  std::unordered_map<std::string_view, const Operation*> last_of_session_;
  std::set<Part> more_than_deletes_;
  std::set<Part> read_;  // some read saw what they wrote
  std::map<Part, Place> places_;
  std::int64_t next_session_ = 0;
  std::int64_t transactions_ = 0;
  std::uint64_t unanswered_ = 0, unseen_ = 0, set_apart_ = 0, deletes_ = 0, ordered_ = 0, versions_ = 0, users_ = 0, labels_ = 0;
  Losses losses_;
};

}  // namespace

Losses write_plume(const History& history, const TextSink& sink) {
  return PlumeWriter(history).write(sink);
}

}  // namespace afterwrite
