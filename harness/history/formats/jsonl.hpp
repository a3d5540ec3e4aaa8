#pragma once

#include <memory>

#include "harness/history/byte_source.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// Puts a history of our own format together line by line, for whoever reads one that is still being written: the
/// source may wait for more bytes, and what so_far() shows then is all that whole lines have said. Used by one thread.
class JsonlLines {
 public:
  explicit JsonlLines(ByteSource source);
  JsonlLines(const JsonlLines&) = delete;
  JsonlLines& operator=(const JsonlLines&) = delete;
  ~JsonlLines();

  /// Takes one line more; false at the end of the source. Throws BadPlace, and what the source throws.
  bool take();

  /// Without name and notes. May be asked from within the source.
  const History& so_far() const;

  /// The footer was taken.
  bool complete() const;

  /// All of it, once take() said false. Throws EmptyHistory.
  History finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace afterwrite
