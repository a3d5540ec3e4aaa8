// How long it takes to make the report page of a history, beside judging it.
//
//   benchmark_page HISTORY [ROUNDS]
//
// Judges the history as `check` does, then makes its page so many times; prints medians.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "harness/cli/judge_file.hpp"
#include "results/page/report_page.hpp"
#include "results/report_json.hpp"

namespace {

template <typename Work>
double seconds(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count > 3) {
    fmt::print(stderr, "usage: benchmark_page HISTORY [ROUNDS]\n");
    return 3;
  }
  const int rounds = count == 3 ? std::max(1, std::atoi(arguments[2])) : 5;
  std::vector<double> judging;
  std::vector<double> page;
  std::vector<double> json;
  std::size_t bytes = 0;
  for (int round = 0; round < rounds; ++round) {
    afterwrite::JudgedFile judged;
    judging.push_back(seconds([&] {
      judged = afterwrite::judge_file(arguments[1], {}, [](const auto&, bool) { return afterwrite::Question{}; },
                                      {.threads = 2});
    }));
    page.push_back(
        seconds([&] { bytes = afterwrite::report_page(judged.history, judged.judgement, judged.summary).size(); }));
    json.push_back(seconds([&] { afterwrite::report_json(judged.history, judged.judgement, judged.summary).dump(2); }));
  }
  fmt::print("judging {:.3f} s, page {:.3f} s ({} bytes), report.json {:.3f} s; medians of {}\n", median(judging),
             median(page), bytes, median(json), rounds);
  return 0;
}
