// Whatever is done to a file's bytes, each reader says yes or BadHistory; the sanitizer builds watch the rest.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sstream>

#include "tests/history/formats/complaint.hpp"

namespace afterwrite {
namespace {

struct Sample {
  std::string text;
  HistoryFormat format;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> found;
    const std::filesystem::path folder = std::string(AFTERWRITE_SOURCE_DIR) + "/tests/history/formats/samples";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".json" && entry.path().stem() == "expected") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      found.push_back({text.str(), recognise_format(text.str())});
    }
    return found;
  }();
  return all;
}

RC_GTEST_PROP(Damage, IsReadOrRefused, ()) {
  const Sample& sample = samples().at(*rc::gen::inRange<std::size_t>(0, samples().size()));
  const Sample& other = samples().at(*rc::gen::inRange<std::size_t>(0, samples().size()));
  std::string text = sample.text;
  const auto damages = *rc::gen::inRange(1, 5);
  for (int i = 0; i < damages && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        text[at] = *rc::gen::elementOf(std::string("[](){}\"\\#_;:,-09\n\0", 18));
        break;
      case 2:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 20));
        break;
      case 3:
        text.insert(at, *rc::gen::arbitrary<std::string>());
        break;
      default:
        text.insert(at, text.substr(*rc::gen::inRange<std::size_t>(0, text.size()), 40));
        break;
    }
  }
  // At times as what it is not.
  const std::string said = complaint(text, as(*rc::gen::arbitrary<bool>() ? sample.format : other.format));
  RC_ASSERT(said.empty() || said.starts_with("h:"));
  RC_ASSERT(said.find('\n') == std::string::npos);
}

TEST(Damage, SamplesAreThere) {
  EXPECT_GE(samples().size(), 8U);
}

}  // namespace
}  // namespace afterwrite
