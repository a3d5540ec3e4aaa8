#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <tuple>

#include "checkers/judge.hpp"
#include "tests/checkers/causal_history.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/history/formats/complaint.hpp"

namespace afterwrite {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

struct Written {
  std::string text;
  Losses losses;
};

Written written(const History& history, HistoryFormat format) {
  Written result;
  result.losses = kind_of(format).write(history, [&](std::string_view text) { result.text += text; });
  return result;
}

History again(const History& history, HistoryFormat format, const ReadOptions& options = {}) {
  return read_history_text(written(history, format).text, "again", options);
}

/// Each row's verdict, if wanted its number of violations and decided operations, and the anomalies.
std::string judged(const History& history, std::vector<Scope> scopes, bool with_numbers = true) {
  Question question;
  question.scopes = std::move(scopes);
  question.min_at_risk = 0;
  std::string said;
  const Judgement judgement = judge(history, question);
  for (const auto& row : judgement.rows) {
    said += std::to_string(static_cast<int>(row.verdict)) + " ";
    if (with_numbers) said += ":" + std::to_string(row.violations) + ":" + std::to_string(row.decided) + " ";
  }
  for (const auto& [name, count] : judgement.anomalies)
    said += name + std::to_string(count) + " ";
  return said;
}

History random_history(std::mt19937_64& random) {
  using oracle::Flavour;
  const std::array flavours{Flavour::chaos, Flavour::simulated, Flavour::lists};
  History history;
  if (random() % 3 == 0) {  // of several keys
    history = oracle::random_causal_history(random, random() % 2 == 0 ? oracle::Spread::mixed : oracle::Spread::chaos);
  } else {
    oracle::Recipe recipe = oracle::random_recipe(random, flavours.at(random() % flavours.size()));
    recipe.transactions = random() % 2 == 0;
    history = oracle::cook(recipe);
  }
  for (std::size_t i = 0; i < history.operations.size(); ++i)
    history.operations[i].line = i + 1;
  return history;
}

/// As EDN has it: each operation of a transaction bears the times of the whole.
History with_times_of_wholes(History history) {
  std::map<std::pair<std::string, std::string>, std::pair<Nanoseconds, Nanoseconds>> wholes;
  for (const Operation& op : history.operations) {
    if (op.txn.empty()) continue;
    const auto [place, fresh] = wholes.try_emplace({op.session, op.txn}, op.invoke, op.complete);
    place->second.first = std::min(place->second.first, op.invoke);
    place->second.second = std::max(place->second.second, op.complete);
  }
  for (Operation& op : history.operations) {
    if (!op.txn.empty()) std::tie(op.invoke, op.complete) = wholes.at({op.session, op.txn});
  }
  return history;
}

constexpr int histories = 3000;

TEST(Convert, JsonLinesKeepEverything) {
  std::mt19937_64 random(1);
  for (int i = 0; i < histories; ++i) {
    const History history = random_history(random);
    const Written once = written(history, HistoryFormat::jsonl);
    EXPECT_THAT(once.losses, IsEmpty());
    EXPECT_EQ(written(read_history_text(once.text, "x"), HistoryFormat::jsonl).text, once.text);
  }
}

TEST(Convert, JepsenKeepsTheVerdicts) {
  std::mt19937_64 random(2);
  int violated = 0;
  int acknowledged_in_part = 0;
  for (int i = 0; i < 2 * histories; ++i) {
    const History history = random_history(random);
    const bool versions = std::any_of(history.operations.begin(), history.operations.end(),
                                      [](const Operation& op) { return op.version.has_value(); });
    if (versions || history.operations.empty()) continue;
    const std::string before = judged(with_times_of_wholes(history), {Scope::session, Scope::user});
    const Written text = written(history, HistoryFormat::jepsen_edn);
    ASSERT_EQ(judged(read_history_text(text.text, "again"), {Scope::session, Scope::user}), before)
        << oracle::as_text(history) << text.text;
    violated += before.find("1 :") != std::string::npos;
    acknowledged_in_part += std::any_of(text.losses.begin(), text.losses.end(), [](const std::string& loss) {
      return loss.find("not acknowledged as a whole") != std::string::npos;
    });
  }
  EXPECT_GT(violated, 100);
  EXPECT_GT(acknowledged_in_part, 200);
}

/// A version is that of one operation which was answered: no other is read back.
TEST(Convert, JepsenKeepsVersionsAndEpochs) {
  std::mt19937_64 random(4);
  ReadOptions options;
  options.version_field = "version";
  int in_epochs = 0;
  for (int i = 0; i < 2 * histories; ++i) {
    History history = random_history(random);
    bool any = false;
    bool later_epoch = false;
    for (Operation& op : history.operations) {
      if (op.outcome != Outcome::ok || !op.txn.empty()) op.version.reset();
      any = any || op.version;
      later_epoch = later_epoch || (op.version && op.version->epoch > 0);
    }
    if (!any) continue;
    const std::string before = judged(with_times_of_wholes(history), {Scope::session});
    const Written text = written(history, HistoryFormat::jepsen_edn);
    ASSERT_EQ(judged(read_history_text(text.text, "again", options), {Scope::session}), before)
        << oracle::as_text(history) << text.text;
    in_epochs += later_epoch ? 1 : 0;
  }
  EXPECT_GT(in_epochs, 50);
}

/// Of histories that Plume's format can hold: no versions, no lists, each session one thing after another, writer-order
/// alone.
TEST(Convert, PlumeKeepsTheVerdictsOfWhatItCanSay) {
  std::mt19937_64 random(3);
  int compared = 0;
  int with_transactions = 0;
  for (int i = 0; i < 10 * histories; ++i) {
    History history = random_history(random);
    if (history.operations.empty() || history.truncated) continue;
    history.header = Header{};
    const auto said_otherwise = [](const Operation& op) {
      return op.version || op.outcome != Outcome::ok || op.function == Function::append || is_list(op.value);
    };
    if (std::any_of(history.operations.begin(), history.operations.end(), said_otherwise)) continue;
    const Written text = written(history, HistoryFormat::plume);
    if (std::any_of(text.losses.begin(), text.losses.end(),
                    [](const std::string& loss) { return loss.find("overlap") != std::string::npos; })) {
      continue;
    }
    // Times say which of two operations that contradict each other came last, and so broke it; a line's place need not.
    const bool with_numbers = std::all_of(history.operations.begin(), history.operations.end(),
                                          [](const Operation& op) { return op.txn.empty(); });
    const std::string before = judged(history, {Scope::session}, with_numbers);
    ASSERT_EQ(judged(read_history_text(text.text, "again"), {Scope::session}, with_numbers), before)
        << oracle::as_text(history) << text.text;
    ++compared;
    with_transactions += with_numbers ? 0 : 1;
  }
  EXPECT_GT(compared, 200);
  EXPECT_GT(with_transactions, 200);
}

History history_of(const std::string& lines) {
  return read_history_text(lines, "h");
}

std::string line(const std::string& f, const std::string& value, const std::string& type, int time,
                 const std::string& more = "") {
  return R"({"kind":"op","session":"s","f":")" + f + R"(","key":"k","value":)" + value + R"(,"type":")" + type +
         R"(","invoke":)" + std::to_string(time) + R"(,"complete":)" + std::to_string(time + 1) + more + "}\n";
}

TEST(Convert, PlumeNumbersWhatIsNoNumber) {
  const Written text = written(
      history_of(line("write", "\"a\"", "ok", 0) + line("read", "\"a\"", "ok", 2) + line("read", "null", "ok", 4)),
      HistoryFormat::plume);
  EXPECT_EQ(text.text, "w(1,1,1,1)\nr(1,1,1,2)\nr(1,0,1,3)\n");
  EXPECT_THAT(text.losses, Contains(HasSubstr("keys are numbered")));
  EXPECT_THAT(text.losses, Contains(HasSubstr("values are numbered")));
}

TEST(Convert, PlumeDoesNotTakeAnOrdinaryZeroForTheInitialState) {
  EXPECT_EQ(written(history_of(line("write", "0", "ok", 0)), HistoryFormat::plume).text, "w(1,1,1,1)\n");
}

TEST(Convert, PlumeSaysThatATransactionGoesOnAfterSomethingElse) {
  const std::string part = R"(,"txn":"t")";
  const Written text = written(
      history_of(line("write", "1", "ok", 0, part) + line("read", "null", "ok", 2) + line("read", "1", "ok", 4, part)),
      HistoryFormat::plume);
  EXPECT_THAT(text.losses, Contains(HasSubstr("that they overlap: 1 operation")));
}

TEST(Convert, PlumeSaysWhatBecomesOfUnknownOutcomes) {
  const Written text =
      written(history_of(line("write", "1", "info", 0) + line("write", "2", "info", 2) + line("write", "3", "fail", 4) +
                         line("read", "1", "ok", 6) + line("read", "null", "info", 8)),
              HistoryFormat::plume);
  EXPECT_EQ(text.text, "w(1,1,2,1)\nw(1,3,1,-1)\nr(1,1,1,2)\n");
  EXPECT_THAT(text.losses, Contains(HasSubstr("left out: 1 write of unknown outcome that no read saw")));
  EXPECT_THAT(text.losses, Contains(HasSubstr("own: 1 write of unknown outcome that a read saw")));
  EXPECT_THAT(text.losses, Contains(HasSubstr("left out: 1 read without an answer")));
}

TEST(Convert, PlumeKeepsATransactionOfUnknownOutcomeTogether) {
  const std::string part = R"(,"txn":"t")";
  const Written text = written(history_of(line("write", "1", "info", 0, part) + line("write", "2", "info", 0, part) +
                                          line("read", "1", "ok", 2)),
                               HistoryFormat::plume);
  // A read of 1 is intermediate-read only while 2 is known to follow it in the same transaction.
  EXPECT_EQ(text.text, "w(1,1,2,1)\nw(1,2,2,1)\nr(1,1,1,2)\n");
  EXPECT_THAT(text.losses, Contains(HasSubstr("2 writes of unknown outcome that a read saw")));
}

TEST(Convert, PlumeKeepsWhatATransactionWasReallyTold) {
  const std::string part = R"(,"txn":"t")";
  for (const std::string other : {"info", "fail"}) {
    const History unseen = history_of(line("write", "1", "ok", 0, part) + line("write", "2", other, 2, part) +
                                      line("read", "null", "ok", 4));
    const Written text = written(unseen, HistoryFormat::plume);
    EXPECT_EQ(text.text, other == "info" ? "r(1,0,1,1)\n" : "w(1,2,1,-1)\nr(1,0,1,1)\n");
    EXPECT_THAT(text.losses, Contains("written as of unknown outcome: 1 operation of transactions that were not "
                                      "acknowledged as a whole"));
  }
  const History seen =
      history_of(line("write", "1", "ok", 0, part) + line("write", "2", "info", 2, part) + line("read", "2", "ok", 4));
  EXPECT_EQ(written(seen, HistoryFormat::plume).text, "w(1,1,2,1)\nw(1,2,2,1)\nr(1,2,1,2)\n");
}

/// As one, they would be taken for the transaction that sets up the initial state, and the read for one that went back.
TEST(Convert, PlumeKeepsDeletesOfEveryKey) {
  const auto of = [](const std::string& session, const std::string& key, std::string text) {
    text.replace(text.find("\"s\""), 3, "\"" + session + "\"");
    return text.replace(text.find("\"k\""), 3, "\"" + key + "\"");
  };
  for (const std::string outcome : {"ok", "info"}) {
    const auto gone = [&](const std::string& key) {
      return of("2", key, line("delete", "null", outcome, 4, R"(,"txn":"t")"));
    };
    const History history =
        history_of(of("1", "1", line("write", "1", "ok", 0)) + of("1", "2", line("write", "2", "ok", 2)) + gone("1") +
                   gone("2") + of("1", "1", line("read", "null", "ok", 6)));
    EXPECT_EQ(judged(again(history, HistoryFormat::plume), {Scope::session}), judged(history, {Scope::session}));
  }
}

TEST(Convert, PlumeHasNothingToSayOfWhatNobodySaw) {
  for (const std::string& unseen :
       {line("write", "1", "info", 0), line("read", "null", "info", 0), line("delete", "null", "fail", 0)}) {
    EXPECT_THAT([&] { written(history_of(unseen), HistoryFormat::plume); },
                ::testing::ThrowsMessage<BadHistory>(HasSubstr("nothing would be left")))
        << unseen;
  }
}

TEST(Convert, PlumeSaysThatItHasNoLabels) {
  const Written text = written(history_of(line("write", "1", "ok", 0, R"(,"labels":{"route":"/a"})") +
                                          line("read", "1", "ok", 2)),
                               HistoryFormat::plume);
  EXPECT_THAT(text.losses, Contains("labels of 1 operation are not written"));
}

TEST(Convert, PlumeHasNoLists) {
  EXPECT_THROW(written(history_of(line("append", "1", "ok", 0)), HistoryFormat::plume), BadHistory);
  EXPECT_THROW(written(history_of(line("read", "[1]", "ok", 0)), HistoryFormat::plume), BadHistory);
}

TEST(Convert, JepsenKeepsNamesThatLookLikeOthers) {
  for (const std::string key : {"1", "-1", "01", ":a", "a b", "\\\"", "\\n", "nil", "\\u00e9", "1 2", ":", "[1 2]"}) {
    std::string text = line("write", "\"" + key + "\"", "ok", 0);
    text.replace(text.find("\"key\":\"k\""), 9, "\"key\":\"" + key + "\"");
    const History history = history_of(text);
    const Operation& op = history.operations.at(0);
    const History back = again(history, HistoryFormat::jepsen_edn);
    EXPECT_EQ(back.operations.at(0).key, op.key);
    EXPECT_EQ(back.operations.at(0).value, op.value);
  }
}

TEST(Convert, JepsenKeepsFieldsAndHeader) {
  const History back = again(
      history_of(
          R"({"kind":"header","system":"x","min_at_risk":7,"assume":["one-clock"]})"
          "\n" +
          line(
              "write", "1", "ok", 0,
              R"(,"user":"u","node":"n1","version":4,"epoch":2,"labels":{"route":"/a","index":"9","b c":"d"},"intent":"i")")),
      HistoryFormat::jepsen_edn, [] {
        ReadOptions options;
        options.version_field = "version";
        return options;
      }());
  const Operation& op = back.operations.at(0);
  EXPECT_EQ(op.session, "s");
  EXPECT_EQ(op.user, "u");
  EXPECT_EQ(op.node, "n1");
  EXPECT_EQ(op.version, (RecordedVersion{2, 4}));
  EXPECT_EQ(op.labels.at("route"), "/a");
  EXPECT_EQ(back.header.system, "x");
  EXPECT_EQ(back.header.all.at("min_at_risk"), 7);
  EXPECT_THAT(*back.header.assume, ElementsAre("one-clock"));
  EXPECT_TRUE(back.truncated) << "as the history without a footer was";
}

TEST(Convert, JepsenKeepsLabelsOfAnyNameThatNoFieldHas) {
  const History back =
      again(history_of(line("read", "null", "ok", 0,
                            R"(,"labels":{"user agent":"f f","":"none",":x":"1","a/b":"2","ü\"":"3","position":"4"})")),
            HistoryFormat::jepsen_edn);
  EXPECT_THAT(back.operations.at(0).labels,
              ElementsAre(Pair("", "none"), Pair(":x", "1"), Pair("a/b", "2"), Pair("position", "4"),
                          Pair("user agent", "f f"), Pair("ü\"", "3")));
}

TEST(Convert, JepsenKeepsWhatAPolicyCost) {
  const Written text = written(history_of(line("read", "null", "ok", 0, R"(,"waited_ms":3.5,"fallback":true)") +
                                          line("read", "null", "ok", 2, R"(,"waited_ms":0,"fallback":false)")),
                               HistoryFormat::jepsen_edn);
  const History back = read_history_text(text.text, "again");
  EXPECT_THAT(back.operations.at(0).labels, ElementsAre(Pair("fallback", "true"), Pair("waited_ms", "3.5")));
  EXPECT_THAT(back.operations.at(1).labels, IsEmpty());
  EXPECT_THAT(text.losses, IsEmpty());
}

TEST(Convert, JepsenSaysWhichLabelsItHasNoNameFor) {
  const std::string labels = R"(,"role":"leader","labels":{"type":"bio","role":"author","route":"/a"})";
  const History history = history_of(line("write", "1", "ok", 0, labels) + line("read", "1", "ok", 2, labels) +
                                     line("read", "1", "ok", 4, R"(,"labels":{"route":"/b"})"));
  const Written text = written(history, HistoryFormat::jepsen_edn);
  EXPECT_THAT(text.losses, ElementsAre("4 labels are not written, since fields have their names: role, type"));
  EXPECT_THAT(read_history_text(text.text, "again").operations.at(0).labels,
              ElementsAre(Pair("role", "leader"), Pair("route", "/a")));
}

TEST(Convert, JepsenSaysThatWhatTheHeaderGroupsByIsNotWritten) {
  for (const std::string group_by : {R"("route,type")", R"(["route","type"])"}) {
    const History history = history_of(R"({"kind":"header","group_by":)" + group_by + "}\n" +
                                       line("write", "1", "ok", 0, R"(,"labels":{"type":"bio","route":"/a"})"));
    EXPECT_THAT(written(history, HistoryFormat::jepsen_edn).losses,
                ElementsAre("1 label is not written, since fields have its name: type; the header asks for groups by "
                            "type, which it can no longer be judged by: name another label with --group-by"));
  }
}

TEST(Convert, JepsenSaysThatATransactionBearsTheDetailsOfItsFirstOperation) {
  const auto part = [](const std::string& more) { return R"(,"txn":"t")" + more; };
  const Written text =
      written(history_of(line("write", "1", "ok", 0, part(R"(,"node":"a","labels":{"route":"/a"})")) +
                         line("write", "2", "ok", 0, part(R"(,"node":"a","labels":{"route":"/b"})")) +
                         line("write", "3", "ok", 0, part(R"(,"node":"b","labels":{"route":"/a"})")) +
                         line("write", "4", "ok", 0, part(R"(,"node":"a","labels":{"route":"/a"})"))),
              HistoryFormat::jepsen_edn);
  EXPECT_THAT(text.losses, ElementsAre(HasSubstr("2 operations of transactions")));
}

TEST(Convert, JepsenGivesAProcessOneThingAtATime) {
  const Written text = written(
      history_of(R"({"kind":"op","session":"s","f":"write","key":"k","value":1,"type":"ok","invoke":0,"complete":10})"
                 "\n"
                 R"({"kind":"op","session":"s","f":"write","key":"k","value":2,"type":"info","invoke":5,"complete":11})"
                 "\n"
                 R"({"kind":"op","session":"s","f":"read","key":"k","value":2,"type":"ok","invoke":12,"complete":13})"
                 "\n"),
      HistoryFormat::jepsen_edn);
  EXPECT_THAT(text.losses, Contains(HasSubstr("several processes are one session's, in 1 session;")));
  const History back = read_history_text(text.text, "again");
  EXPECT_THAT(shown(back), ElementsAre(HasSubstr("s write k 1 ok [0,10]"), HasSubstr("s write k 2 info [5,11]"),
                                       HasSubstr("s read k 2 ok [12,13]")));
}

TEST(Convert, JepsenKeepsTransactionsTogether) {
  const History back = again(history_of(line("write", "1", "ok", 0, R"(,"txn":"t")") +
                                        line("append", "2", "ok", 1, R"(,"txn":"t")") + line("read", "[2]", "ok", 3)),
                             HistoryFormat::jepsen_edn);
  EXPECT_THAT(shown(back), ElementsAre(HasSubstr("s write k 1 ok [0,2] txn 1"),
                                       HasSubstr("s append k 2 ok [0,2] txn 1"), HasSubstr("s read k [2] ok [3,4] @")));
}

}  // namespace
}  // namespace afterwrite
