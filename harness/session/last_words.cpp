#include "harness/session/last_words.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace afterwrite {
namespace {

struct Living {
  std::mutex mutex;
  std::vector<const LastWords*> all;
};

// Never destroyed: a signal may come while the process ends.
Living& living() {
  static auto* const known = new Living;
  return *known;
}

}  // namespace

LastWords::LastWords(std::function<std::string()> words) : words_(std::move(words)) {
  const std::lock_guard lock(living().mutex);
  living().all.push_back(this);
}

LastWords::~LastWords() {
  const std::lock_guard lock(living().mutex);
  std::erase(living().all, this);
}

std::string LastWords::all() {
  const std::lock_guard lock(living().mutex);
  std::string text;
  for (const LastWords* one : living().all)
    text += one->words_();
  return text;
}

}  // namespace afterwrite
