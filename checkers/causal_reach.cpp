#include "checkers/causal_reach.hpp"

#include <algorithm>
#include <map>

#include "checkers/causal_clocks.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;

class Reach {
 public:
  Reach(const CausalInput& input, const CausalOrder& order, const std::vector<CausalQuestion>& questions)
      : input_(input), order_(order), questions_(questions), answers_(questions.size(), false) {}

  std::vector<bool> run() {
    std::map<Index, std::vector<Index>> passes;  // by the number of the pass over the lanes: questions
    for (Index i = 0; i < questions_.size(); ++i) {
      const Index lane = order_.lane(questions_[i].first);
      if (lane == CausalOrder::none || begin(i) >= end(i)) continue;
      if (lane == order_.lane(questions_[i].second)) {
        answers_[i] = true;
      } else {
        passes[lane / lanes_a_pass].push_back(i);
      }
    }
    for (auto& [pass, asked] : passes) {
      std::sort(asked.begin(), asked.end(), [&](Index a, Index b) { return begin(a) < begin(b); });
      // Only where questions are open has anything to be looked at.
      for (auto next = asked.begin(); next != asked.end();) {
        const auto first = next;
        Stretch stretch{begin(*first), end(*first) + 1};
        for (++next; next != asked.end() && begin(*next) < stretch.end; ++next) {
          stretch.end = std::max(stretch.end, end(*next) + 1);
        }
        look(pass, stretch, {first, next});
      }
    }
    return std::move(answers_);
  }

 private:
  Index begin(Index question) const { return order_.at(questions_[question].first); }
  Index end(Index question) const { return order_.at(questions_[question].second); }

  void look(Index pass, Stretch stretch, std::vector<Index> asked) {
    std::sort(asked.begin(), asked.end(), [&](Index a, Index b) { return end(a) < end(b); });
    auto next = asked.begin();
    CausalClocks(input_, order_, pass * lanes_a_pass, stretch)
        .run([&](Index step, const CausalClock&, const CausalClock& behind) {
          for (; next != asked.end() && questions_[*next].second == step; ++next) {
            const Index first = questions_[*next].first;
            answers_[*next] = behind[order_.lane(first)] >= order_.place(first);
          }
        });
  }

  const CausalInput& input_;
  const CausalOrder& order_;
  const std::vector<CausalQuestion>& questions_;
  std::vector<bool> answers_;
};

}  // namespace

std::vector<bool> lie_behind(const CausalInput& input, const CausalOrder& order,
                             const std::vector<CausalQuestion>& questions) {
  return Reach(input, order, questions).run();
}

}  // namespace afterwrite
