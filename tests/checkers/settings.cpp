#include "tests/checkers/settings.hpp"

#include <array>
#include <sstream>
#include <stdexcept>

namespace afterwrite::oracle {
namespace {

constexpr std::array<const char*, guarantee_count> guarantee_names{"ryw", "mr", "mw", "wfr"};
constexpr std::array<const char*, assumption_count> assumption_names{"wo", "rt", "oc"};
constexpr std::array<const char*, 3> scope_names{"session", "user", "process"};

template <std::size_t N>
std::bitset<N> parse_set(const std::string& text, const std::array<const char*, N>& known) {
  std::bitset<N> set;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, '+');) {
    std::size_t found = 0;
    while (found < N && word != known.at(found)) {
      ++found;
    }
    if (found == N) {
      throw std::invalid_argument("no such name: " + word);
    }
    set.set(found);
  }
  return set;
}

template <std::size_t N>
std::string join(const std::bitset<N>& set, const std::array<const char*, N>& known) {
  std::string text;
  for (std::size_t i = 0; i < N; ++i) {
    if (set.test(i)) {
      text += (text.empty() ? "" : "+") + std::string(known.at(i));
    }
  }
  return text.empty() ? "none" : text;
}

}  // namespace

Guarantees guarantees(const std::string& names) {
  return names == "coherence" ? all_of_a_key() : Guarantees(parse_set(names, guarantee_names).to_ulong());
}

std::string short_name(const Guarantees& set) {
  return join(std::bitset<guarantee_count>(set.to_ulong()), guarantee_names);
}

Assumptions assumptions(const std::string& names) {
  if (names == "none") {
    return {};
  }
  return names == "all" ? Assumptions().set() : parse_set(names, assumption_names);
}

std::string short_name(const Assumptions& set) {
  return join(set, assumption_names);
}

Scope scope(const std::string& name) {
  for (std::size_t i = 0; i < scope_names.size(); ++i) {
    if (name == scope_names.at(i)) {
      return static_cast<Scope>(i);
    }
  }
  throw std::invalid_argument("no such scope: " + name);
}

std::string short_name(Scope scope) {
  return scope_names.at(static_cast<std::size_t>(scope));
}

std::vector<Guarantees> every_row() {
  std::vector<Guarantees> rows;
  for (unsigned bits = 1; bits < (1U << guarantee_count); ++bits) {
    rows.emplace_back(bits);
  }
  return rows;
}

}  // namespace afterwrite::oracle
