#pragma once

#include <functional>
#include <string>

namespace afterwrite {

/// What the user must know should the process be ended at once while this lives: what a run has left in a system of the
/// user's. A second signal says it on stderr.
class LastWords {
 public:
  /// `words` returns whole lines, or nothing. It is called on another thread, at any time, and must not wait for a
  /// server.
  explicit LastWords(std::function<std::string()> words);
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;
  ~LastWords();

  /// Those of all that live. Any thread may call.
  static std::string all();

 private:
  const std::function<std::string()> words_;
};

}  // namespace afterwrite
