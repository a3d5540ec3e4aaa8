// What etcd's gateway answers, and what follows from it. The bodies are those of etcd 3.4.23.
#include "adapters/etcd/gateway.hpp"

#include <gmock/gmock.h>

namespace afterwrite::etcd {
namespace {

using testing::HasSubstr;

struct Row {
  long status;
  const char* body;
  Outcome of_write;
};

TEST(Outcomes, OfErrorsThatEtcdAnswers) {
  const Row rows[] = {
      {400, R"({"error":"etcdserver: key is not provided","message":"etcdserver: key is not provided","code":3})",
       Outcome::fail},
      {400, R"({"error":"etcdserver: request is too large","message":"etcdserver: request is too large","code":3})",
       Outcome::fail},
      // Of one that passed the first check of the quota and not the second: it was applied, and is there.
      {429, R"({"error":"etcdserver: mvcc: database space exceeded","code":8})", Outcome::info},
      {403, R"({"error":"etcdserver: permission denied","code":7})", Outcome::fail},
      {401, R"({"error":"etcdserver: invalid auth token","code":16})", Outcome::fail},
      {404, "Not Found\n", Outcome::fail},
      // The two that a member without its cluster answers after seconds: the write may be in its log, and be committed
      // later.
      {500, R"({"error":"context deadline exceeded","message":"context deadline exceeded","code":2})", Outcome::info},
      {503, R"({"error":"etcdserver: request timed out","message":"etcdserver: request timed out","code":14})",
       Outcome::info},
      {503, R"({"error":"etcdserver: leader changed","code":14})", Outcome::info},
      {503, R"({"error":"etcdserver: no leader","code":14})", Outcome::info},
      {400, "no JSON", Outcome::info},
      {502, "", Outcome::info},
      {200, "no JSON", Outcome::info},
      {200, R"({"error":{"grpc_code":14}})", Outcome::info},
      {200, "[]", Outcome::info},
      {409, R"({"code":"3"})", Outcome::info},
  };
  for (const Row& row : rows) {
    const Told told = read_answer(row.status, row.body, /*is_write=*/true);
    EXPECT_EQ(told.outcome, row.of_write) << row.status << " " << row.body;
    EXPECT_FALSE(told.error.empty());
    // A read decides nothing either way; but nobody takes it for an answer.
    EXPECT_NE(read_answer(row.status, row.body, /*is_write=*/false).outcome, Outcome::ok) << row.body;
  }
}

TEST(Outcomes, OfConnections) {
  using http::Failure;
  for (const Failure failure :
       {Failure::refused, Failure::unreachable, Failure::not_sent_in_time, Failure::bad_request}) {
    EXPECT_TRUE(http::nothing_sent(failure));
    EXPECT_EQ(ruling(failure).outcome, Outcome::fail);
  }
  for (const Failure failure : {Failure::lost, Failure::timed_out, Failure::too_large}) {
    EXPECT_FALSE(http::nothing_sent(failure));
    EXPECT_EQ(ruling(failure).outcome, Outcome::info);
    EXPECT_EQ(ruling(failure).connection, Connection::lost);
  }
  EXPECT_EQ(ruling(Failure::refused).connection, Connection::refused);
}

TEST(Answers, OfAPut) {
  const Told told =
      read_answer(200, R"({"header":{"cluster_id":"1","member_id":"2","revision":"7","raft_term":"2"}})", true);
  EXPECT_EQ(told.outcome, Outcome::ok);
  EXPECT_EQ(revision_of(told.answer), 7);
}

TEST(Answers, OfARange) {
  bool sound = false;
  const auto body = [](const char* text) { return read_answer(200, text, false).answer; };
  const auto found =
      found_in(body(R"({"header":{"revision":"9"},"kvs":[{"key":"YQ==","create_revision":"2","mod_revision":"8",
                                       "version":"1","value":"InMwLTEi"}],"count":"1"})"),
               sound);
  ASSERT_TRUE(sound && found);
  EXPECT_EQ(found->value, "\"s0-1\"");
  EXPECT_EQ(found->mod_revision, 8);

  EXPECT_FALSE(found_in(body(R"({"header":{"revision":"9"}})"), sound));
  EXPECT_TRUE(sound) << "nothing there is an answer";
  for (
      const char* text :
      {"{}", R"({"header":{}})", R"({"header":{"revision":"x"}})", R"({"header":{"revision":"9"},"kvs":[]})",
       R"({"header":{"revision":"9"},"kvs":[{"value":"*","mod_revision":"8"}]})",
       R"({"header":{"revision":"9"},"kvs":[{"value":"YQ=="}]})", R"({"header":{"revision":"9"},"kvs":{"a":1}})",
       R"({"header":{"revision":"9"},"kvs":[{"value":"YQ==","mod_revision":"8"},{"value":"YQ==","mod_revision":"8"}]})"}) {
    EXPECT_FALSE(found_in(body(text), sound)) << text;
    EXPECT_FALSE(sound) << text;
  }
}

TEST(Answers, NumbersAreTexts) {
  const nlohmann::json json{{"big", "18446744073709551615"}, {"plain", 7}, {"bad", "7x"}, {"low", "-3"}};
  EXPECT_EQ(id_in(json, "big"), 18446744073709551615ULL);
  EXPECT_EQ(number_in(json, "big"), std::nullopt);
  EXPECT_EQ(number_in(json, "plain"), std::nullopt);
  EXPECT_EQ(number_in(json, "bad"), std::nullopt);
  EXPECT_EQ(number_in(json, "low"), -3);
  EXPECT_EQ(number_in(json, "absent"), 0);
}

}  // namespace
}  // namespace afterwrite::etcd
