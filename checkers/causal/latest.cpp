#include "checkers/causal/latest.hpp"

#include "checkers/causal/reach.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;

/// Whether write number `at` of each open question's track lies behind its read.
template <typename At>
std::vector<bool> ask(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes,
                      const std::vector<TrackQuestion>& open, const At& at) {
  std::vector<CausalQuestion> questions;
  questions.reserve(open.size());
  for (const TrackQuestion& one : open) {
    const Index write = writes.member(one.track, at(one));
    questions.push_back({input.writes[write].step, input.reads[one.read].step});
  }
  return lie_behind(input, order, questions);
}

}  // namespace

std::vector<TrackAnswer> find_latest(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes,
                                     std::vector<TrackQuestion> questions) {
  std::vector<TrackAnswer> found;
  const std::vector<bool> first = ask(input, order, writes, questions, [](const auto& one) { return one.low; });
  std::vector<TrackQuestion> open;
  std::vector<std::size_t> of;  // by open question: its answer
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (!first[i]) continue;
    found.push_back({questions[i].read, questions[i].track, questions[i].low + 1});
    questions[i].low += 1;  // so many are known to lie behind
    if (questions[i].low == questions[i].high) continue;
    of.push_back(found.size() - 1);
    open.push_back(questions[i]);
  }
  const auto middle = [](const TrackQuestion& one) { return one.low + (one.high - one.low) / 2; };
  while (!open.empty()) {
    const std::vector<bool> behind = ask(input, order, writes, open, middle);
    std::size_t left = 0;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const Index asked = middle(open[i]);
      (behind[i] ? open[i].low : open[i].high) = behind[i] ? asked + 1 : asked;
      found[of[i]].count = open[i].low;
      if (open[i].low == open[i].high) continue;
      open[left] = open[i];
      of[left++] = of[i];
    }
    open.resize(left);
    of.resize(left);
  }
  return found;
}

}  // namespace afterwrite
