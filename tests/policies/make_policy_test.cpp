#include <gmock/gmock.h>

#include "harness/policies/policy.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(std::string_view text) {
  try {
    return "accepted as " + make_policy(text)->name();
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(MakePolicy, TheTableListsEachOnce) {
  std::vector<std::string_view> names;
  for (const PolicyKind& kind : policy_kinds()) {
    names.push_back(kind.name);
    EXPECT_TRUE(kind.form.starts_with(kind.name)) << kind.form;
    EXPECT_FALSE(kind.summary.empty());
  }
  EXPECT_THAT(names,
              ElementsAre("leader", "any-replica", "sticky-replica", "recent-writer", "version-token", "endpoint"));
}

TEST(MakePolicy, TheNameSaysTheParametersAndReadsBack) {
  const std::vector<std::pair<std::string, std::string>> expected{
      {"leader", "leader"},
      {"any-replica", "any-replica"},
      {"sticky-replica", "sticky-replica"},
      {"recent-writer", "recent-writer:5s"},
      {"recent-writer:5s", "recent-writer:5s"},
      {"recent-writer:1500ms", "recent-writer:1.5s"},
      {"recent-writer:0", "recent-writer:0"},
      {"version-token", "version-token:wait=1s"},
      {"version-token:wait=250ms", "version-token:wait=250ms"},
      {"endpoint", "endpoint"},
  };
  for (const auto& [text, name] : expected) {
    EXPECT_EQ(make_policy(text)->name(), name);
    EXPECT_EQ(make_policy(name)->name(), name);
  }
}

TEST(MakePolicy, UnknownNamesGetTheNearest) {
  EXPECT_THAT(refusal("any-replca"),
              AllOf(HasSubstr("unknown read policy 'any-replca'"), HasSubstr("did you mean 'any-replica'?"),
                    HasSubstr("known: leader, any-replica, sticky-replica, recent-writer, version-token, endpoint")));
  EXPECT_THAT(refusal("recent-writers:5s"), HasSubstr("did you mean 'recent-writer'?"));
  EXPECT_THAT(refusal(""), HasSubstr("unknown read policy ''"));
  EXPECT_THAT(refusal(":5s"), HasSubstr("unknown read policy ''"));
  EXPECT_THAT(refusal("Leader"), HasSubstr("did you mean 'leader'?"));
}

TEST(MakePolicy, ParametersWhereNoneAreTaken) {
  for (const char* name : {"leader", "any-replica", "sticky-replica", "endpoint"}) {
    const std::string text = std::string(name) + ":5s";
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("read policy '" + text + "'"), HasSubstr("takes no parameters"),
                                     HasSubstr(std::string("write just ") + name)));
    EXPECT_THAT(refusal(std::string(name) + ":"), HasSubstr("takes no parameters"));
  }
}

TEST(MakePolicy, BadWindows) {
  EXPECT_THAT(refusal("recent-writer:five"),
              AllOf(HasSubstr("the window of read policy 'recent-writer:five'"), HasSubstr("'five' is no duration")));
  EXPECT_THAT(refusal("recent-writer:5"), HasSubstr("has no unit"));
  EXPECT_THAT(refusal("recent-writer:-1s"), HasSubstr("is negative"));
  EXPECT_THAT(refusal("recent-writer:"), AllOf(HasSubstr("is missing"), HasSubstr("recent-writer:5s")));
}

TEST(MakePolicy, BadWaits) {
  EXPECT_THAT(refusal("version-token:wait=soon"),
              AllOf(HasSubstr("'wait' of read policy 'version-token:wait=soon'"), HasSubstr("'soon' is no duration")));
  EXPECT_THAT(refusal("version-token:wiat=1s"),
              AllOf(HasSubstr("unknown parameter 'wiat'"), HasSubstr("did you mean 'wait'?")));
  EXPECT_THAT(refusal("version-token:1s"),
              AllOf(HasSubstr("'1s' is no parameter"), HasSubstr("version-token:wait=1s")));
  EXPECT_THAT(refusal("version-token:"), HasSubstr("version-token:wait=1s"));
  EXPECT_THAT(refusal("version-token:wait=1s,wait=2s"), HasSubstr("'1s,wait=2s' is no duration"));
}

}  // namespace
}  // namespace afterwrite
