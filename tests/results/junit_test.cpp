#include "results/junit.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "tests/results/any_judgement.hpp"
#include "tests/results/made_up.hpp"
#include "tests/results/private_folder.hpp"

namespace afterwrite {
namespace {

/// Reads each file with a strict XML parser that shares nothing with us, and says what it saw: a JSON object a file.
constexpr const char* parser = R"python(
import json, sys, xml.etree.ElementTree as tree
for name in sys.argv[1:]:
    root = tree.parse(name).getroot()
    suite = root.find("testsuite")
    print(json.dumps({
        "root": root.tag, "tests": root.get("tests"), "failures": root.get("failures"), "errors": root.get("errors"),
        "suite": suite.get("name"),
        "properties": {p.get("name"): p.get("value") for p in suite.iter("property")},
        "cases": [{"name": c.get("name"), "class": c.get("classname"), "holds": [e.tag for e in c],
                   "message": c[0].get("message"), "text": c[0].text} for c in suite.iter("testcase")],
        "out": suite.find("system-out").text}))
)python";

std::vector<nlohmann::json> parsed(const std::vector<std::string>& documents) {
  const PrivateFolder folder;
  std::ofstream(folder.path() / "parse.py") << parser;
  std::string command = fmt::format("'{}' -B '{}'", AFTERWRITE_PYTHON, (folder.path() / "parse.py").string());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto file = folder.path() / fmt::format("{}.xml", i);
    std::ofstream(file, std::ios::binary) << documents[i];
    command += fmt::format(" '{}'", file.string());
  }
  std::vector<nlohmann::json> seen;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no python");
  std::string output;
  char buffer[4096];
  for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, got);
  const int status = pclose(pipe);
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);)
    seen.push_back(nlohmann::json::parse(line));
  if (status != 0 || seen.size() != documents.size())
    throw std::runtime_error("not XML: document " + std::to_string(seen.size()));
  return seen;
}

std::string junit_of(const MadeUp& made) {
  return junit_xml(made.history, made.judgement, summarise(made.history));
}

TEST(Junit, ViolatedIsAFailure) {
  const nlohmann::json suite = parsed({junit_of(any_replica_violated())}).at(0);
  EXPECT_EQ(suite.at("root"), "testsuites");
  EXPECT_EQ(suite.at("tests"), "3") << "control sessions accuse nobody";
  EXPECT_EQ(suite.at("failures"), "3");
  EXPECT_EQ(suite.at("errors"), "0");
  EXPECT_EQ(suite.at("suite"), "afterwrite postgres any-replica register");
  EXPECT_EQ(suite.at("properties").at("seed"), "42");
  const nlohmann::json& first = suite.at("cases").at(0);
  EXPECT_EQ(first.at("name"), "read-your-writes");
  EXPECT_EQ(first.at("holds"), nlohmann::json::array({"failure"}));
  EXPECT_EQ(first.at("message"),
            "37 of 412 at-risk reads were stale, 9.0 % (95 % interval 6.4 % to 12.2 %); "
            "up to 212 ms overdue, up to 1 version behind");
  EXPECT_NE(first.at("text").get<std::string>().find("s3 read k1 from node-2 (follower) and saw s3-6"),
            std::string::npos);
  EXPECT_NE(suite.at("out").get<std::string>().find("What to do next"), std::string::npos);
}

TEST(Junit, UnknownIsAnErrorAndHeldPasses) {
  const auto suites = parsed({junit_of(everything_in_doubt()), junit_of(version_token_held()), junit_of({})});
  EXPECT_EQ(suites[0].at("errors"), "1");
  EXPECT_EQ(suites[0].at("failures"), "0");
  EXPECT_EQ(suites[0].at("cases").at(0).at("holds"), nlohmann::json::array({"error"}));
  EXPECT_EQ(suites[0].at("cases").at(0).at("message"), "only 3 of 14 decided operations were at risk (30 needed)");
  EXPECT_EQ(suites[1].at("errors"), "0");
  EXPECT_EQ(suites[1].at("failures"), "0");
  EXPECT_EQ(suites[1].at("cases").size(), 3U);
  EXPECT_EQ(suites[1].at("cases").at(0).at("holds"), nlohmann::json::array({"system-out"}));
  EXPECT_EQ(suites[2].at("tests"), "0");
}

TEST(Junit, HostileTextsAreEscaped) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte)
    all_bytes += static_cast<char>(byte);
  const std::vector<std::string> hostile{
      "</testcase>]]><!--&\"'", all_bytes, "\x1b[2J", "\uFFFE\uFFFF\uFFFD", "\u202e", "", std::string(1'000'000, '&')};
  std::vector<std::string> documents;
  for (const std::string& text : hostile)
    documents.push_back(junit_of(full_of(text)));
  const auto suites = parsed(documents);
  EXPECT_EQ(suites[0].at("properties").at("system"), "</testcase>]]><!--&\"'");
  EXPECT_LT(documents.back().size(), 200'000U) << "a giant is shortened";
}

TEST(Junit, AnyJudgementIsXml) {
  std::vector<std::string> documents;
  rc::check("is generated", [&] { documents.push_back(junit_of(any_judgement())); });
  EXPECT_NO_THROW(parsed(documents));
}

}  // namespace
}  // namespace afterwrite
