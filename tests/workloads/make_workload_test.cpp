#include <gmock/gmock.h>

#include "harness/session/errors.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

std::string refusal(std::string_view text, const WorkloadSettings& settings = {}) {
  try {
    make_workload(text, settings);
    return "accepted";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(MakeWorkload, TheTableListsEachOnce) {
  std::map<std::string, bool> lists;
  for (const WorkloadKind& kind : workload_kinds()) {
    lists[std::string(kind.name)] = kind.lists;
    EXPECT_TRUE(kind.form.starts_with(kind.name)) << kind.form;
    EXPECT_FALSE(kind.summary.empty());
    EXPECT_NE(make_workload(kind.name, {}), nullptr);
    EXPECT_EQ(workload_kind(kind.name).name, kind.name);
  }
  EXPECT_EQ(workload_kinds().size(), 5);
  EXPECT_EQ(lists,
            (std::map<std::string, bool>{{"register", false}, {"append", true}, {"score", false}, {"bank", true}, {"views", false}}));
}

TEST(MakeWorkload, TheKindIsFoundWithParameters) {
  EXPECT_EQ(workload_kind("append:observers=0.25").name, "append");
  EXPECT_TRUE(workload_kind("append:observers=0.25").lists);
  EXPECT_THROW(workload_kind("apend"), UsageError);
}

TEST(MakeWorkload, UnknownNamesGetTheNearest) {
  EXPECT_THAT(refusal("registre"),
              AllOf(HasSubstr("unknown workload 'registre'"), HasSubstr("did you mean 'register'?"),
                    HasSubstr("known: register, append, score, bank")));
  EXPECT_THAT(refusal(""), HasSubstr("unknown workload ''"));
}

TEST(MakeWorkload, Shares) {
  for (const char* share : {"0", "0.5", "0.999", "1e-3"}) {
    EXPECT_EQ(refusal(std::string("register:observers=") + share), "accepted") << share;
  }
  for (const char* share : {"1", "1.5", "-0.1", "nan", "inf", "half", "", "0.5x", "0.5,observers=0.1", "50%"}) {
    EXPECT_THAT(refusal(std::string("append:observers=") + share),
                AllOf(HasSubstr("no share of the sessions"), HasSubstr("e.g. observers=0.5")))
        << share;
  }
}

TEST(MakeWorkload, UnexpectedParameters) {
  EXPECT_THAT(refusal("register:observer=0.5"),
              AllOf(HasSubstr("workload 'register:observer=0.5'"), HasSubstr("unknown parameter 'observer'"),
                    HasSubstr("did you mean 'observers'?")));
  EXPECT_THAT(refusal("register:0.5"), HasSubstr("unknown parameter '0.5'"));
  EXPECT_THAT(refusal("register:observers"), HasSubstr("no share of the sessions"));
  EXPECT_THAT(refusal("score:observers=0.5"), AllOf(HasSubstr("takes no parameters"), HasSubstr("write just score")));
  EXPECT_THAT(refusal("bank:"), HasSubstr("takes no parameters"));
}

TEST(MakeWorkload, SettingsThatCannotBe) {
  EXPECT_THAT(refusal("register", {.keys = 0}), HasSubstr("--keys"));
  EXPECT_THAT(refusal("register", {.keys = 1, .read_delay = {2s, 1s}}),
              AllOf(HasSubstr("--read-delay: 2s..1s is no range"), HasSubstr("1ms..2s")));
  EXPECT_THAT(refusal("register", {.keys = 1, .read_delay = {-1s, 1s}}), HasSubstr("--read-delay"));
  EXPECT_EQ(refusal("register", {.keys = 1, .read_delay = {0s, 0s}}), "accepted");
  EXPECT_EQ(refusal("register", {.keys = 1, .read_delay = {1s, 1s}}), "accepted");
}

}  // namespace
}  // namespace afterwrite
