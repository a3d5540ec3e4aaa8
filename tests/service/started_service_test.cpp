// Starting a service, waiting for it, and leaving nothing of it behind. The service is a small Python program.
#include "harness/service/started_service.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <signal.h>
#include <thread>

#include "harness/process/free_port.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Against hangs alone.
constexpr auto patience = 60s;

class StartedServiceTest : public testing::Test {
 protected:
  StartSpec does(std::vector<std::string> steps, ReadySpec ready) {
    StartSpec spec;
    spec.command = {AFTERWRITE_TEST_PYTHON, AFTERWRITE_TEST_SERVICE};
    spec.command.insert(spec.command.end(), steps.begin(), steps.end());
    spec.folder = folder.path();
    ready.within = patience;
    spec.ready = ready;
    return spec;
  }
  static ReadySpec says(const std::string& text) { return {ReadySpec::By::log, text, patience}; }
  void start(StartedService& service) { service.start(links, variables, stop.get_token()); }
  std::string why_not(StartedService& service) {
    try {
      start(service);
      return "started";
    } catch (const EnvironmentError& error) {
      return error.what();
    }
  }
  std::string log() const {
    std::ifstream stream(folder.path() / "service.log");
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string logged(const std::string& before) const {
    const std::string text = log();
    const std::size_t at = text.find(before);
    if (at == std::string::npos) return {};
    return text.substr(at + before.size(), text.find('\n', at) - at - before.size());
  }

  PrivateFolder folder;
  std::filesystem::path file = folder.path() / "service.log";
  std::map<LinkName, Address> links;
  std::map<std::string, std::string> variables;
  std::stop_source stop;
};

TEST_F(StartedServiceTest, IsReadyOnceItsLogSaysSo) {
  StartedService service(does({"say=starting", "say=open for business", "wait"}, says("open for business")),
                         ServiceLog{file});
  start(service);
  EXPECT_THAT(log(), HasSubstr("open for business"));
  std::string why;
  EXPECT_TRUE(service.healthy(why));
  service.stop();
}

TEST_F(StartedServiceTest, IsReadyOnceItsUrlAnswersWith2xx) {
  const std::string port = std::to_string(free_port());
  StartedService service(
      does({"serve=" + port, "wait"}, {ReadySpec::By::url, "http://127.0.0.1:" + port + "/", patience}),
      ServiceLog{file});
  start(service);
  service.stop();
}

TEST_F(StartedServiceTest, IsReadyOnceItsPortIsOpen) {
  const std::string port = std::to_string(free_port());
  StartedService service(does({"serve=" + port, "wait"}, {ReadySpec::By::tcp, "127.0.0.1:" + port, patience}),
                         ServiceLog{file});
  start(service);
  service.stop();
}

TEST_F(StartedServiceTest, KnowsItsPortsLinksAndFolder) {
  StartSpec spec = does({"show=AFTERWRITE_LINK_APP_TO_DB", "show=DB", "show=AFTERWRITE_FOLDER", "where", "leave=data",
                         "say={link:app->db}", "say=up", "wait"},
                        says("up"));
  spec.environment["DB"] = "postgres://{link:app->db}/shop";
  links[{"app", "db"}] = {"127.0.0.1", 4711};
  variables["AFTERWRITE_LINK_APP_TO_DB"] = "127.0.0.1:4711";
  StartedService service(spec, ServiceLog{file});
  start(service);
  EXPECT_EQ(logged("AFTERWRITE_LINK_APP_TO_DB "), "127.0.0.1:4711");
  EXPECT_EQ(logged("DB postgres:"), "//127.0.0.1:4711/shop");
  EXPECT_THAT(log(), HasSubstr("\n127.0.0.1:4711\n"));
  EXPECT_EQ(logged("in "), folder.path());
  const std::filesystem::path own = logged("AFTERWRITE_FOLDER ");
  EXPECT_TRUE(std::filesystem::exists(own / "data"));
  service.stop();
  EXPECT_FALSE(std::filesystem::exists(own));
}

TEST_F(StartedServiceTest, OneThatEndsIsToldWithItsLastWords) {
  StartedService service(does({"say=the disk is full", "end=3"}, says("never")), ServiceLog{file});
  const std::string why = why_not(service);
  EXPECT_THAT(why, HasSubstr("ended before it was ready (exit code 3)"));
  EXPECT_THAT(why, HasSubstr("the disk is full"));
  EXPECT_THAT(why, HasSubstr(file.string()));
  EXPECT_THAT(why, testing::Not(HasSubstr("\n")));
  service.stop();
}

// Before it is cut to its last lines, and without leading to a file that is gone by then.
TEST_F(StartedServiceTest, ItsLastWordsAreToldWithoutSecrets) {
  const http::Redact redact = [](std::string_view text) {
    return http::redacted(text, {{"of great\nvalue", "{env:KEY}"}});
  };
  StartedService service(
      does({"say=the key is of great", "say=value", "say=b", "say=c", "say=d", "say=e", "end=3"}, says("never")),
      ServiceLog{file, redact, false});
  const std::string why = why_not(service);
  EXPECT_THAT(why, HasSubstr("the end of what it wrote: the key is {env:KEY}"));
  EXPECT_THAT(why, testing::Not(HasSubstr("value")));
  EXPECT_THAT(why, testing::Not(HasSubstr("service.log")));
  service.stop();
}

TEST_F(StartedServiceTest, WhatTheLogSaidBeforeIsAnothers) {
  std::ofstream(file) << "up\n";
  StartedService service(does({"end=0"}, says("up")), ServiceLog{file});
  EXPECT_THAT(why_not(service), HasSubstr("ended before it was ready (exit code 0)"));
  service.stop();
}

TEST_F(StartedServiceTest, OneThatIsNotReadyInTimeIsTold) {
  const std::string port = std::to_string(free_port());
  StartSpec spec =
      does({"serve=" + port + ",503", "wait"}, {ReadySpec::By::url, "http://127.0.0.1:" + port + "/", patience});
  spec.ready.within = 1s;
  StartedService service(spec, ServiceLog{file});
  const std::string why = why_not(service);
  EXPECT_THAT(why, HasSubstr("was not ready within 1s: waited until http://127.0.0.1:" + port + "/ answers with 2xx"));
  service.stop();
}

TEST_F(StartedServiceTest, AProgramThatIsNotThereIsTold) {
  StartSpec spec = does({}, says("up"));
  spec.command = {"no-such-program-of-afterwrite"};
  StartedService by_name(spec, ServiceLog{file});
  EXPECT_THAT(why_not(by_name), HasSubstr("no program 'no-such-program-of-afterwrite' on PATH"));
  spec.command = {"./not-here"};
  StartedService by_path(spec, ServiceLog{file});
  EXPECT_THAT(why_not(by_path), HasSubstr("No such file"));
}

TEST_F(StartedServiceTest, TheUserMayStopTheWait) {
  StartedService service(does({"wait"}, says("never")), ServiceLog{file});
  stop.request_stop();
  EXPECT_THAT(why_not(service), HasSubstr("stopped by the user"));
  service.stop();
}

TEST_F(StartedServiceTest, OneThatEndsByItselfIsNotHealthy) {
  StartedService service(does({"say=up", "say=out of memory", "end=9"}, says("up")), ServiceLog{file});
  try {
    start(service);
  } catch (const EnvironmentError&) {
    // It was through before anybody looked.
  }
  std::string why;
  const auto deadline = Clock::now() + patience;
  while (service.healthy(why) && Clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_THAT(why, HasSubstr("ended by itself (exit code 9)"));
  EXPECT_THAT(why, HasSubstr("out of memory"));
  service.stop();
}

TEST_F(StartedServiceTest, StopLetsItEndInOrder) {
  StartedService service(does({"farewell", "say=up", "wait"}, says("up")), ServiceLog{file});
  start(service);
  service.stop();
  EXPECT_THAT(log(), HasSubstr("farewell"));
}

TEST_F(StartedServiceTest, StopTakesAllThatDescendsFromIt) {
  StartedService service(does({"child", "say=up", "wait"}, says("up")), ServiceLog{file});
  start(service);
  const pid_t child = std::stoi(logged("child "));
  EXPECT_EQ(::kill(child, 0), 0);
  service.stop();
  std::vector<ProcessHandle> left;
  if (auto process = open_process(child)) left.push_back(std::move(*process));
  EXPECT_TRUE(wait_ended(left, Clock::now() + patience));
}

}  // namespace
}  // namespace afterwrite::service
