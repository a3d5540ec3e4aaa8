#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "checkers/judge.hpp"

namespace afterwrite {

/// Judges a history that grows: at each look only the keys that got something new, each from its beginning. What a look
/// costs is in proportion to the operations on those keys, what is kept to all operations. Used by one thread.
class GrowingJudge {
 public:
  /// Told of an entry when it is first found, and when it no longer stands: what came later contradicts it (a value
  /// turns out to be written twice, or facts contradict an assumption), or it was of a read of nothing, and now that
  /// something was deleted only the whole history can tell. `judged` and `part` are those of the part that was looked
  /// at.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void found(const History& part, const Judgement& judged, const Row& row, const Violation& entry) = 0;
    virtual void taken_back(std::uint64_t line, const std::string& what) = 0;
    virtual void put_in_doubt(std::uint64_t line, const std::string& what) = 0;
  };

  GrowingJudge(Question question, Listener& listener);

  /// Judges what `so_far` shows: the history of the last look, with more operations.
  void look(const History& so_far);

  /// Whether there is nothing that the last look has not seen.
  bool has_seen_all(const History& so_far) const { return seen_ == so_far.operations.size(); }

 private:
  /// Row, guarantees and operation of an entry: what makes it the same at the next look.
  using Name = std::tuple<std::string, unsigned long, std::size_t>;
  struct Told {
    std::uint64_t line = 0;
    std::string what;
    bool saw_nothing = false;
  };
  struct Key {
    std::vector<std::size_t> operations;
    std::map<Name, Told> told;
  };

  std::vector<Key*> take_new(const History& so_far);
  std::vector<std::size_t> operations_of(const std::vector<Key*>& touched) const;

  Question question_;
  Listener& listener_;
  std::size_t seen_ = 0;
  std::optional<std::size_t> first_delete_;
  bool across_keys_ = false;  // a guarantee is asked for, or a transaction was seen, that ties keys together
  std::unordered_map<std::string, Key> keys_;
};

}  // namespace afterwrite
