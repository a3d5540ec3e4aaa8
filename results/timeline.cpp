#include "results/timeline.hpp"

#include <algorithm>
#include <utility>

namespace afterwrite {

namespace {

/// Rounded down, of negative ones too.
std::int64_t quotient(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

}  // namespace

std::size_t TimelineMeter::place_of(const ScannedOperation& operation) {
  if (operation.final_check) return 2;
  return operation.function == Function::read ? 0 : 1;
}

void TimelineMeter::take_span(const Timeline::Span& span) {
  if (!final_check_) final_check_ = span;
  final_check_ = {std::min(final_check_->begin, span.begin), std::max(final_check_->end, span.end)};
}

void TimelineMeter::add(const ScannedOperation& operation, bool of_control) {
  Calls& calls = bin_at(operation.complete)[place_of(operation)];
  calls.outcomes.add(operation.outcome);
  if (operation.final_check) return take_span({operation.invoke, operation.complete});
  if (operation.outcome == Outcome::ok && !of_control) calls.latency.add(operation.complete - operation.invoke);
}

void TimelineMeter::add(const TimelineMeter& others) {
  if (others.bins_.empty()) return;
  if (others.final_check_) take_span(*others.final_check_);
  // First the room for both, which may take wider bins; then those of the others fall whole into ones of these.
  const Nanoseconds begin = others.first_ * others.width_;
  bin_at(begin);
  bin_at(begin + static_cast<Nanoseconds>(others.bins_.size() - 1) * others.width_);
  while (width_ < others.width_)
    widen();
  for (std::size_t i = 0; i < others.bins_.size(); ++i) {
    Bin& bin = bin_at(begin + static_cast<Nanoseconds>(i) * others.width_);
    for (std::size_t of = 0; of < bin.size(); ++of) {
      bin[of].outcomes.add(others.bins_[i][of].outcomes);
      bin[of].latency.add(others.bins_[i][of].latency);
    }
  }
}

TimelineMeter::Bin& TimelineMeter::bin_at(Nanoseconds time) {
  const auto since = static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(last_begin_);
  if (last_ < bins_.size() && time >= last_begin_ && since < static_cast<std::uint64_t>(width_)) return bins_[last_];
  if (bins_.empty()) {
    first_ = quotient(time, width_);
    bins_.emplace_back();
  }
  std::int64_t number = quotient(time, width_);
  const auto span = [&] {
    return std::max(number + 1, first_ + static_cast<std::int64_t>(bins_.size())) - std::min(number, first_);
  };
  while (span() > static_cast<std::int64_t>(Timeline::most_bins)) {
    widen();
    number = quotient(time, width_);
  }
  if (number < first_) {
    bins_.insert(bins_.begin(), static_cast<std::size_t>(first_ - number), Bin{});
    first_ = number;
  }
  last_ = static_cast<std::size_t>(number - first_);
  last_begin_ = number * width_;
  if (last_ >= bins_.size()) bins_.resize(last_ + 1);
  return bins_[last_];
}

void TimelineMeter::widen() {
  const std::int64_t first = quotient(first_, 2);
  std::vector<Bin> wider;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const auto place = static_cast<std::size_t>(quotient(first_ + static_cast<std::int64_t>(i), 2) - first);
    if (place >= wider.size()) wider.resize(place + 1);
    for (std::size_t of = 0; of < wider[place].size(); ++of) {
      wider[place][of].outcomes.add(bins_[i][of].outcomes);
      wider[place][of].latency.add(bins_[i][of].latency);
    }
  }
  bins_ = std::move(wider);
  first_ = first;
  width_ *= 2;
  last_ = SIZE_MAX;
}

Timeline TimelineMeter::timeline() const {
  Timeline timeline;
  if (bins_.empty()) return timeline;
  timeline.begin = first_ * width_;
  timeline.width = width_;
  for (const Bin& bin : bins_) {
    timeline.bins.push_back({{bin[0].outcomes, bin[0].latency.in_milliseconds()},
                             {bin[1].outcomes, bin[1].latency.in_milliseconds()},
                             bin[2].outcomes});
  }
  timeline.final_check = final_check_;
  return timeline;
}

}  // namespace afterwrite
