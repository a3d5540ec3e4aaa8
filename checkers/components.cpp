#include "checkers/components.hpp"

#include <algorithm>

namespace afterwrite {

namespace {

using Node = std::uint32_t;
constexpr Node unseen = 0xffffffff;

class Tarjan {
 public:
  Tarjan(Node nodes, const std::vector<NodePair>& arcs) : begin_(nodes + 1, 0), number_(nodes, unseen), low_(nodes) {
    for (const auto& [from, to] : arcs)
      ++begin_[from + 1];
    for (Node node = 0; node < nodes; ++node)
      begin_[node + 1] += begin_[node];
    heads_.resize(arcs.size());
    next_.assign(begin_.begin(), begin_.end() - 1);
    for (const auto& [from, to] : arcs)
      heads_[next_[from]++] = to;
    next_.assign(begin_.begin(), begin_.end() - 1);
    found_.of.assign(nodes, unseen);
  }

  Components run() {
    for (Node root = 0; root < number_.size(); ++root) {
      if (number_[root] == unseen) search(root);
    }
    return std::move(found_);
  }

 private:
  void enter(Node node) {
    number_[node] = low_[node] = count_++;
    path_.push_back(node);
    open_.push_back(node);
  }

  void search(Node root) {
    enter(root);
    while (!path_.empty()) {
      const Node node = path_.back();
      if (next_[node] < begin_[node + 1]) {
        const Node head = heads_[next_[node]++];
        if (number_[head] == unseen) {
          enter(head);
        } else if (found_.of[head] == unseen) {
          low_[node] = std::min(low_[node], number_[head]);
        }
        continue;
      }
      path_.pop_back();
      if (!path_.empty()) low_[path_.back()] = std::min(low_[path_.back()], low_[node]);
      if (low_[node] == number_[node]) close(node);
    }
  }

  void close(Node root) {
    const auto component = static_cast<std::uint32_t>(found_.size.size());
    found_.size.push_back(0);
    Node node = unseen;
    do {
      node = open_.back();
      open_.pop_back();
      found_.of[node] = component;
      ++found_.size.back();
    } while (node != root);
  }

  std::vector<std::uint32_t> begin_;  // by node: its arcs in heads_
  std::vector<Node> heads_;
  std::vector<std::uint32_t> next_;  // by node: the arc to follow next
  std::vector<std::uint32_t> number_;
  std::vector<std::uint32_t> low_;
  std::vector<Node> path_;
  std::vector<Node> open_;
  std::uint32_t count_ = 0;
  Components found_;
};

}  // namespace

Components find_components(std::uint32_t nodes, const std::vector<NodePair>& arcs) {
  return Tarjan(nodes, arcs).run();
}

}  // namespace afterwrite
