#include "checkers/lists/order.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <set>

#include "checkers/version_graph.hpp"

namespace afterwrite {

namespace {

using Element = ListKey::Element;

/// For each element those that some list shows next.
using Successors = std::vector<std::vector<Element>>;

Successors find_successors(const ListKey& list) {
  Successors next(list.values.size());
  std::vector<std::set<Element>> known(list.values.size());  // of those that have several
  for (const auto& contents : list.contents) {
    for (std::size_t i = 1; i < contents.size(); ++i) {
      auto& all = next[contents[i - 1]];
      if (all.empty()) {
        all.push_back(contents[i]);
      } else if (all.front() != contents[i] && known[contents[i - 1]].insert(contents[i]).second) {
        all.push_back(contents[i]);
      }
    }
  }
  return next;
}

/// Takes away, one after the other, the elements that nothing is left before.
void peel(const Successors& next, std::vector<bool>& left) {
  std::vector<std::size_t> before(next.size(), 0);
  for (Element a = 0; a < next.size(); ++a) {
    for (const Element b : next[a])
      before[b] += left[a] ? 1U : 0U;
  }
  std::vector<Element> free;
  for (Element a = 0; a < next.size(); ++a) {
    if (left[a] && before[a] == 0) free.push_back(a);
  }
  while (!free.empty()) {
    const Element a = free.back();
    free.pop_back();
    left[a] = false;
    for (const Element b : next[a]) {
      if (--before[b] == 0 && left[b]) free.push_back(b);
    }
  }
}

Successors turned(const Successors& next) {
  Successors before(next.size());
  for (Element a = 0; a < next.size(); ++a) {
    for (const Element b : next[a])
      before[b].push_back(a);
  }
  return before;
}

/// What is left once the elements have gone that have nothing before them, or nothing after: those on circles or
/// between two.
std::vector<bool> find_contested(const ListKey& list) {
  const Successors next = find_successors(list);
  std::vector<bool> left(list.values.size(), true);
  peel(next, left);
  bool any = false;
  for (const bool one : left)
    any = any || one;
  if (!any) return {};
  peel(turned(next), left);
  return left;
}

/// Takes the orders of one list after the other, as long as they agree with those before.
class AgreedOrder {
 public:
  explicit AgreedOrder(const ListKey& list) : list_(list) {
    for (std::size_t rank = 0; rank < list.values.size(); ++rank)
      graph_.add_version(rank);
    graph_.seal();
    follows_.resize(list.values.size());
  }

  /// The reads that this one contradicts, which is none if it agrees.
  std::vector<OperationIndex> take(const std::vector<Element>& contents, OperationIndex read) {
    std::optional<Element> last;
    for (const Element element : contents) {
      if (!list_.contested[element]) continue;
      if (last && follows_[*last].insert(element).second) {
        if (graph_.reaches(element, *last)) {
          follows_[*last].erase(element);
          return shown_otherwise(element, *last);
        }
        graph_.add_arc(*last, element, {EdgeKind::list_contents, read, read});
      }
      last = element;
    }
    return {};
  }

 private:
  std::vector<OperationIndex> shown_otherwise(Element older, Element newer) {
    std::set<OperationIndex> reads;
    for (const auto& step : graph_.cheapest_path(older, newer, static_cast<VersionGraph::Node>(list_.values.size()))) {
      reads.insert(step.out.older_operation);
    }
    return {reads.begin(), reads.end()};
  }

  const ListKey& list_;
  VersionGraph graph_;
  std::vector<std::set<Element>> follows_;  // contested elements next to each other in some list that was taken
};

}  // namespace

void compare_orders(const History& history, const KeyHistory& key, ListKey& list, Anomalies& anomalies) {
  list.contested = find_contested(list);
  if (list.contested.empty()) return;
  AgreedOrder order(list);
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    const std::vector<OperationIndex> others = order.take(list.contents[i], key.operations[i]);
    if (others.empty()) continue;
    std::vector<std::uint64_t> lines;
    for (const OperationIndex other : others)
      lines.push_back(history.operations[other].line);
    anomalies.add("incompatible-order",
                  fmt::format("key {}: lines {} and {} order the same elements differently", key.key,
                              fmt::join(lines, ", "), history.operations[key.operations[i]].line));
  }
}

}  // namespace afterwrite
