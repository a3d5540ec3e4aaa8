#include "checkers/lists/walk.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "checkers/lists/breach.hpp"

namespace afterwrite {

namespace {

using Element = ListKey::Element;

/// The reads of one list, judged for read-your-writes and monotonic-reads.
class ListReads {
 public:
  ListReads(const ListSubject& subject, const ListViews& views, const Guarantees& asked, ListVerdicts& verdicts)
      : subject_(subject), views_(views), asked_(asked), verdicts_(verdicts), places_(subject) {
    for (std::size_t one = 0; one < guarantee_count; ++one)
      accusers_.emplace_back(subject, static_cast<Guarantee>(one));
  }

  void judge() {
    for (const ListView& view : views_.views) {
      if (view.part) continue;
      accepted_.clear();
      for (const std::size_t i : view.reads) {
        const ListView& own = views_.views[views_.own[i]];
        places_.mark(i);
        if (asks(Guarantee::read_your_writes)) judge_read(Guarantee::read_your_writes, {&view.written, &own.written}, i);
        if (!asks(Guarantee::monotonic_reads)) continue;
        if (judge_read(Guarantee::monotonic_reads, {&view.read, &own.read}, i)) accepted_.push_back(i);
      }
    }
  }

 private:
  bool asks(Guarantee guarantee) const { return has(asked_, guarantee); }

  /// What a read is owed: by all sessions of its user, and by its own, which may be the same.
  using Chains = std::array<const ListChain*, 2>;

  /// False if the read breaks the guarantee.
  bool judge_read(Guarantee guarantee, const Chains& chains, std::size_t i) {
    const std::array<std::size_t, 2> owed{chains[0]->owed_to(subject_, i),
                                          chains[1] == chains[0] ? 0 : chains[1]->owed_to(subject_, i)};
    if (owed[0] == 0 && owed[1] == 0) return true;
    ListFindings& findings = verdicts_[static_cast<std::size_t>(guarantee)];
    findings.decided.push_back(subject_.key.operations[i]);
    std::optional<ListBreach> breach = missing(*chains[0], owed[0], i);
    if (!breach) breach = missing(*chains[1], owed[1], i);
    if (!breach && guarantee == Guarantee::monotonic_reads) breach = moved(i);
    const Nanoseconds invoke = subject_.operation(i).invoke;
    if (breach || chains[0]->at_risk(subject_.exposure, owed[0], invoke) ||
        chains[1]->at_risk(subject_.exposure, owed[1], invoke)) {
      findings.at_risk.push_back(subject_.key.operations[i]);
    }
    if (breach) findings.violations.push_back(accusers_.at(static_cast<std::size_t>(guarantee)).accuse(*breach));
    return !breach;
  }

  /// The element that was due longest of those that the read lacks.
  std::optional<ListBreach> missing(const ListChain& chain, std::size_t owed, std::size_t i) const {
    for (std::size_t k = 0; k < owed; ++k) {
      const ListChain::Event& event = chain.events()[k];
      if (!places_.shown(event.element)) return ListBreach{i, event, i};
    }
    return std::nullopt;
  }

  /// An element that stands elsewhere than in an earlier read of the session. What a read that broke the guarantee
  /// showed is still owed, but not the order in which it did.
  std::optional<ListBreach> moved(std::size_t i) const {
    if (subject_.list.contested.empty()) return std::nullopt;
    for (std::size_t k = accepted_.size(); k-- > 0;) {
      const std::size_t earlier = accepted_[k];
      if (!subject_.precedes(earlier, i)) continue;
      std::optional<Element> last;
      for (const Element element : subject_.list.contents[earlier]) {
        if (!subject_.list.contested[element]) continue;
        if (last && places_.at(element) < places_.at(*last)) return ListBreach{i, {element, earlier}, i, last};
        last = element;
      }
      // A read that began after all before it had ended was held against them already.
      if (k == 0) break;
      const std::size_t before = accepted_[k - 1];
      const bool several = subject_.scoping.several[subject_.scoping.of[subject_.key.operations[i]]];
      if (several ? subject_.operation(before).complete < subject_.operation(earlier).invoke
                  : subject_.precedes(before, earlier)) {
        break;
      }
    }
    return std::nullopt;
  }

  const ListSubject& subject_;
  const ListViews& views_;
  Guarantees asked_;
  ListVerdicts& verdicts_;
  std::vector<ListAccuser> accusers_;  // by guarantee
  ListPlaces places_;
  std::vector<std::size_t> accepted_;  // reads of the session at hand that keep monotonic-reads
};

/// The appends to one list, judged for monotonic-writes or writes-follow-reads by the lists that show them.
class ListWrites {
 public:
  ListWrites(const ListSubject& subject, const ListViews& views, Guarantee guarantee, ListFindings& findings)
      : subject_(subject),
        views_(views),
        guarantee_(guarantee),
        findings_(findings),
        accuser_(subject, guarantee),
        places_(subject) {}

  void judge() {
    breaches_.resize(subject_.list.values.size());
    for (std::size_t i = 0; i < subject_.key.operations.size(); ++i) {
      if (subject_.list.judged[i] && !subject_.operation(i).is_write()) look_at(i);
    }
    for (std::size_t i = 0; i < subject_.key.operations.size(); ++i) {
      if (subject_.list.judged[i] && subject_.operation(i).is_write() && subject_.counts(i)) conclude(i);
    }
  }

 private:
  /// A chain of what an append has to follow.
  struct Owing {
    std::uint32_t view;
    const ListChain* chain;
    std::size_t owed;
  };

  /// By all sessions of its user, and by its own, which may be the same.
  std::array<Owing, 2> owing(std::size_t append) const {
    const auto of_view = [&](std::uint32_t number, bool asked) {
      const ListView& view = views_.views[number];
      const ListChain& chain = guarantee_ == Guarantee::monotonic_writes ? view.written : view.read;
      return Owing{number, &chain, asked ? chain.owed_to(subject_, append) : 0};
    };
    const std::uint32_t whole = views_.of[append];
    const std::uint32_t own = views_.own[append];
    return {of_view(whole, true), of_view(own, own != whole)};
  }

  /// Looks for appends whose element stands in this list without all that it has to follow before it. That depends on
  /// nothing but the beginning of the list up to there, so what a list shares with one that was looked at is left out.
  void look_at(std::size_t i) {
    const auto& contents = subject_.list.contents[i];
    const std::size_t known = shared_with_heads(contents);
    if (known == contents.size()) return;
    places_.mark(i);
    followed_.clear();
    for (std::size_t at = known; at < contents.size(); ++at) {
      if (!breaches_[contents[at]]) breaches_[contents[at]] = out_of_order(contents[at], at, i);
    }
  }

  /// How much of a list is the beginning of one that was looked at. Kept are the longest of those that begin alike, and
  /// only the latest few that do not: more than a few are looked at again.
  std::size_t shared_with_heads(const std::vector<Element>& contents) {
    constexpr std::size_t kept = 8;
    std::size_t known = 0;
    bool extends = false;
    for (const std::vector<Element>*& head : heads_) {
      const auto [old, fresh] = std::mismatch(head->begin(), head->end(), contents.begin(), contents.end());
      known = std::max(known, static_cast<std::size_t>(fresh - contents.begin()));
      if (old != head->end() || extends) continue;
      extends = true;
      head = &contents;
    }
    if (known == contents.size() || extends) return known;
    if (heads_.size() == kept) heads_.erase(heads_.begin());
    heads_.push_back(&contents);
    return known;
  }

  std::optional<ListBreach> out_of_order(Element element, std::size_t at, std::size_t list) {
    const std::size_t append = place_of(subject_.list.origins[element].append);
    for (const Owing& one : owing(append)) {
      // So many of the chain's first events stand before what was looked at last in this list.
      std::size_t& followed = followed_[one.view];
      for (; followed < one.owed; ++followed) {
        const ListChain::Event& event = one.chain->events()[followed];
        if (!places_.shown(event.element) || places_.at(event.element) > at) return ListBreach{append, event, list};
      }
    }
    return std::nullopt;
  }

  std::size_t place_of(OperationIndex operation) const {
    const auto& all = subject_.key.operations;
    return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), operation) - all.begin());
  }

  /// An append is decided if it is owed something and some list shows its element.
  void conclude(std::size_t i) {
    const Element element = subject_.list.appended[i];
    const ListKey::Origin& origin = subject_.list.origins[element];
    if (origin.append != subject_.key.operations[i] || origin.first_read == no_operation) return;
    const std::array<Owing, 2> owed = owing(i);
    const std::optional<ListBreach>& breach = breaches_[element];
    if (owed[0].owed == 0 && owed[1].owed == 0) return;
    findings_.decided.push_back(subject_.key.operations[i]);
    const auto exposed = [&](const Owing& one) {
      return one.chain->at_risk(subject_.exposure, one.owed, subject_.operation(i).invoke);
    };
    if (breach || exposed(owed[0]) || exposed(owed[1])) findings_.at_risk.push_back(subject_.key.operations[i]);
    if (breach) findings_.violations.push_back(accuser_.accuse(*breach));
  }

  const ListSubject& subject_;
  const ListViews& views_;
  Guarantee guarantee_;
  ListFindings& findings_;
  ListAccuser accuser_;
  ListPlaces places_;
  std::vector<std::optional<ListBreach>> breaches_;          // by element: the first
  std::unordered_map<std::uint32_t, std::size_t> followed_;  // by view, in the list at hand
  std::vector<const std::vector<Element>*> heads_;           // lists that were looked at, none the beginning of another
};

}  // namespace

ListVerdicts judge_list(const ListSubject& subject, const Guarantees& asked) {
  ListVerdicts verdicts;
  const ListViews views = view_list_sessions(subject);
  ListReads(subject, views, asked, verdicts).judge();
  for (const Guarantee guarantee : {Guarantee::monotonic_writes, Guarantee::writes_follow_reads}) {
    if (!has(asked, guarantee)) continue;
    ListWrites(subject, views, guarantee, verdicts[static_cast<std::size_t>(guarantee)]).judge();
  }
  return verdicts;
}

}  // namespace afterwrite
