#include "checkers/causal/reach.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "checkers/causal/clocks.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;
using Questions = std::vector<Index>;

class Reach {
 public:
  Reach(const CausalInput& input, const CausalOrder& order, const std::vector<CausalQuestion>& questions)
      : input_(input), order_(order), questions_(questions), answers_(questions.size(), false) {}

  std::vector<bool> run() {
    std::map<Index, Questions> by_clocks;  // by the number of the pass over the lanes
    Questions others;
    for (Index i = 0; i < questions_.size(); ++i) {
      const Index lane = order_.lane(questions_[i].first);
      if (lane == CausalOrder::none || begin(i) >= end(i)) continue;
      const Index second = questions_[i].second;
      if (second < order_.steps() && lane == order_.lane(second)) {
        answers_[i] = true;
      } else if (second < order_.steps() && lane < order_.clocked_lanes()) {
        by_clocks[lane / lanes_a_pass].push_back(i);
      } else {
        others.push_back(i);
      }
    }
    for (auto& [pass, asked] : by_clocks)
      ask_clocks(pass, asked);
    ask_one_by_one(others);
    return std::move(answers_);
  }

 private:
  Index begin(Index question) const { return order_.at(questions_[question].first); }
  Index end(Index question) const { return order_.at(questions_[question].second); }

  void sort_by_begin(Questions& asked) const {
    std::sort(asked.begin(), asked.end(), [&](Index a, Index b) { return begin(a) < begin(b); });
  }
  void sort_by_end(Questions& asked) const {
    std::sort(asked.begin(), asked.end(), [&](Index a, Index b) { return end(a) < end(b); });
  }

  /// Only where questions are open has anything to be looked at.
  void ask_clocks(Index pass, Questions& asked) {
    sort_by_begin(asked);
    for (auto next = asked.begin(); next != asked.end();) {
      const auto first = next;
      Stretch stretch{begin(*first), end(*first) + 1};
      for (++next; next != asked.end() && begin(*next) < stretch.end; ++next) {
        stretch.end = std::max(stretch.end, end(*next) + 1);
      }
      Questions here(first, next);
      sort_by_end(here);
      auto open = here.begin();
      run_clocks(input_, order_, pass * lanes_a_pass, stretch,
                 [&](Index step, const CausalClock&, const CausalClock& behind) {
                   for (; open != here.end() && questions_[*open].second == step; ++open) {
                     const Index asked_for = questions_[*open].first;
                     answers_[*open] = behind[order_.lane(asked_for)] >= order_.place(asked_for);
                   }
                 });
    }
  }

  static constexpr std::size_t steps_at_once = 512;

  /// Of so many steps, which lie behind.
  struct Marks {
    static constexpr std::size_t bits = 64;
    std::array<std::uint64_t, steps_at_once / bits> of;
    void clear() { of.fill(0); }
    void merge(const Marks& other) {
      for (std::size_t i = 0; i < of.size(); ++i)
        of[i] |= other.of[i];
    }
    void set(std::size_t i) { of[i / bits] |= 1ULL << (i % bits); }
    bool has(std::size_t i) const { return (of[i / bits] >> (i % bits) & 1U) != 0; }
  };

  /// A mark for each step that is asked for, a few hundred at a time: those that stand near each other.
  void ask_one_by_one(Questions& asked) {
    sort_by_begin(asked);
    for (auto next = asked.begin(); next != asked.end();) {
      const auto first = next;
      Stretch stretch{begin(*first), 0};
      std::vector<Index> marked;  // places in the sequence
      for (; next != asked.end(); ++next) {
        if (marked.empty() || marked.back() != begin(*next)) {
          if (marked.size() == steps_at_once) break;
          marked.push_back(begin(*next));
        }
        stretch.end = std::max(stretch.end, end(*next) + 1);
      }
      ask_marks(Questions(first, next), stretch, marked);
    }
  }

  void ask_marks(Questions asked, Stretch stretch, const std::vector<Index>& marked) {
    sort_by_end(asked);
    const auto mark_of = [&](Index at) {
      return static_cast<std::size_t>(std::lower_bound(marked.begin(), marked.end(), at) - marked.begin());
    };
    auto open = asked.begin();
    std::size_t next_mark = 0;
    CausalPass<Marks>(input_, order_, stretch).run([&](Index node, const Marks&, Marks& behind) {
      for (; open != asked.end() && questions_[*open].second == node; ++open) {
        answers_[*open] = behind.has(mark_of(begin(*open)));
      }
      if (next_mark < marked.size() && marked[next_mark] == order_.at(node)) behind.set(next_mark++);
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
