#include <fmt/format.h>
#include <future>
#include <thread>

#include "harness/cli/conformance_scene.hpp"

// The checks that hold or cut what lies between a client and its node.
namespace afterwrite::conformance {

namespace {

constexpr Duration short_deadline = std::chrono::milliseconds(500);
constexpr Duration look_again = std::chrono::milliseconds(2);

std::unique_ptr<Client> used_client(Scene& scene, const std::string& session) {
  auto client = scene.client(session);
  must_be_ok(read(*client, scene.leader(), scene.key("warm")), "a read before anything is held");
  return client;
}

/// What a call comes back with. One that has not come back `patience` after it should have is let go, and blamed.
template <typename Call>
Reply in_time(Obstruction& between, Duration within, const std::string& what, Call&& call) {
  std::future<Reply> reply = std::async(std::launch::async, call);
  if (reply.wait_for(within + patience) == std::future_status::ready) return reply.get();
  between.release();
  reply.wait();
  throw Failed{fmt::format("{} had not come back {} s after it had to", what, patience / std::chrono::seconds(1))};
}

void nothing_left(const Obstruction& between) {
  if (const auto left = between.leftover()) throw Failed{*left};
}

/// A write that is cut off while its answer is held.
Reply cut_write(Scene& scene, Client& client, Obstruction& between, const std::string& name) {
  between.hold();
  std::future<Reply> reply = std::async(std::launch::async, [&] {
    return write(client, scene.leader(), scene.key(name), scene.value(name), 4 * patience);
  });
  const Deadline sent_by = Clock::now() + patience;
  while (!between.in_flight() && Clock::now() < sent_by && reply.wait_for(look_again) != std::future_status::ready) {
  }
  const bool sent = between.in_flight();
  between.cut();
  const bool back = reply.wait_for(patience) == std::future_status::ready;
  between.release();
  const Reply result = reply.get();
  if (!sent)
    throw Failed{fmt::format("the write was not sent, and came back as '{}' ({})", to_string(result.outcome),
                             reason_of(result))};
  if (!back)
    throw Failed{fmt::format("the write had not come back {} s after its connection was cut",
                             patience / std::chrono::seconds(1))};
  return result;
}

}  // namespace

void deadline(Scene& scene) {
  scene.need(Function::write);
  for (const bool writes : {true, false}) {
    const auto client = used_client(scene, writes ? "c0" : "c1");
    const auto between = scene.obstruct(*client);
    const std::string what = fmt::format("a {} with a deadline of {} ms while no answer came",
                                         writes ? "write" : "read", short_deadline / std::chrono::milliseconds(1));
    between->hold();
    const Reply reply = in_time(*between, short_deadline, what, [&] {
      return writes ? write(*client, scene.leader(), scene.key("late"), scene.value("late"), short_deadline)
                    : read(*client, scene.leader(), scene.key("late"), false, short_deadline);
    });
    between->release();
    if (writes && reply.outcome != Outcome::info) {
      throw Failed{fmt::format("{} was '{}' ({}); expected 'info': it may have taken effect", what,
                               to_string(reply.outcome), reason_of(reply))};
    }
    if (reply.outcome == Outcome::ok) throw Failed{fmt::format("{} was 'ok'", what)};
    nothing_left(*between);
  }
}

void cut_in_mid_write(Scene& scene) {
  scene.need(Function::write);
  const auto client = used_client(scene, "c0");
  const auto between = scene.obstruct(*client);
  const Reply reply = cut_write(scene, *client, *between, "cut");
  if (reply.outcome != Outcome::info) {
    throw Failed{
        fmt::format("the write whose connection was cut was '{}' ({}); expected 'info': it may have taken effect",
                    to_string(reply.outcome), reason_of(reply))};
  }
  if (reply.connection != Connection::lost)
    throw Failed{"the connection was cut, and the reply does not say that it is lost"};
  nothing_left(*between);
}

void after_a_lost_connection(Scene& scene) {
  scene.need(Function::write);
  const auto client = used_client(scene, "c0");
  const auto between = scene.obstruct(*client);
  cut_write(scene, *client, *between, "lost");
  for (const bool same : {true, false}) {
    const std::string name = same ? "the client that lost its connection" : "a new client";
    const auto other = scene.client("c1");
    Client& used = same ? *client : *other;
    const std::string value = scene.value(same ? "same" : "new");
    must_be_ok(write(used, scene.leader(), scene.key("afterwards"), value), "the next write of " + name);
    must_show(read(used, scene.leader(), scene.key("afterwards")), value, "the next read of " + name);
  }
}

}  // namespace afterwrite::conformance
