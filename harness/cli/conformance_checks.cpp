#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/cli/conformance_scene.hpp"

namespace afterwrite::conformance {

namespace {

constexpr Duration look_again = std::chrono::milliseconds(5);

/// Asks until it is so; false if it was not in time.
template <typename Condition>
bool becomes_true(Condition&& condition) {
  const Deadline deadline = Clock::now() + patience;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

std::vector<std::string> awkward_texts() {
  return {
      R"("quoted" and 'quoted')", R"(back\slash \n)", "tab\t, line\nfeed", "na\u00efve \u9375 \U0001F511", " blanks ",
      "a/b?c=d&e=f#g%20;",        "{\"a\": [1]}",     "$1 %s {} --"};
}

/// What one of several sessions does at the same time as the others.
std::optional<std::string> write_and_read_own_keys(Scene& scene, const std::string& session) {
  try {
    const auto client = scene.client(session);
    const std::string leader = scene.leader();
    for (int i = 0; i < 5; ++i) {
      const std::string name = fmt::format("{}-{}", session, i);
      must_be_ok(write(*client, leader, scene.key(name), scene.value(name)),
                 fmt::format("the write of session {}", session));
      must_show(read(*client, leader, scene.key(name)), scene.value(name),
                fmt::format("the read of session {}", session));
    }
    return std::nullopt;
  } catch (const Failed& failed) {
    return failed.why;
  } catch (const std::exception& error) {
    return fmt::format("session {}: the adapter threw '{}'", session, error.what());
  }
}

}  // namespace

void round_trip(Scene& scene) {
  scene.need(Function::write);
  const auto client = scene.client("c0");
  for (const char* name : {"first", "second"}) {
    must_be_ok(write(*client, scene.leader(), scene.key("round"), scene.value(name)), "the write");
    must_show(read(*client, scene.leader(), scene.key("round")), scene.value(name), "the read after it at the leader");
  }
}

void absent_key(Scene& scene) {
  const auto client = scene.client("c0");
  if (scene.deployment().offers(Function::write)) {
    must_show(read(*client, scene.leader(), scene.key("absent")), Value{}, "the read of a key that nobody wrote");
  }
  if (scene.deployment().offers(Function::append)) {
    must_show(read(*client, scene.leader(), scene.key("absent list"), true), Value{},
              "the read of a list that nobody wrote");
  }
}

void another_session(Scene& scene) {
  scene.need(Function::write);
  const auto writer = scene.client("c0");
  const auto reader = scene.client("c1");
  must_show(read(*reader, scene.leader(), scene.key("shared")), Value{}, "the read before the write");
  must_be_ok(write(*writer, scene.leader(), scene.key("shared"), scene.value("shared")), "the write");
  must_show(read(*reader, scene.leader(), scene.key("shared")), scene.value("shared"),
            "the other session's read at the leader");
}

void keys_apart(Scene& scene) {
  scene.need(Function::write);
  const auto client = scene.client("c0");
  // Names that a careless mapping of keys throws together.
  const std::vector<std::string> names{"k1", "K1", "k10", "k1 ", "k_1", "k%1", "k1.2"};
  for (const std::string& name : names) {
    must_be_ok(write(*client, scene.leader(), scene.key(name), scene.value("of " + name)),
               fmt::format("the write of '{}'", name));
  }
  for (const std::string& name : names) {
    must_show(read(*client, scene.leader(), scene.key(name)), scene.value("of " + name),
              fmt::format("the read of '{}'", name));
  }
}

void special_characters(Scene& scene) {
  scene.need(Function::write);
  const auto client = scene.client("c0");
  for (const std::string& text : awkward_texts()) {
    const std::string what = fmt::format("of a key and value with {}", display(Scalar(text)));
    must_be_ok(write(*client, scene.leader(), scene.key(text), scene.value(text)), "the write " + what);
    must_show(read(*client, scene.leader(), scene.key(text)), scene.value(text), "the read " + what);
  }
}

void long_value(Scene& scene) {
  scene.need(Function::write);
  constexpr std::size_t bytes = 100'000;
  const auto client = scene.client("c0");
  std::string value = scene.value("long ");
  while (value.size() < bytes)
    value += "\u9375 and then some; ";
  must_be_ok(write(*client, scene.leader(), scene.key("long"), value),
             fmt::format("the write of {} bytes", value.size()));
  must_show(read(*client, scene.leader(), scene.key("long")), value, "the read of it");
}

void lists(Scene& scene) {
  scene.need(Function::append);
  const auto one = scene.client("c0");
  const auto other = scene.client("c1");
  List expected;
  for (int i = 0; i < 6; ++i) {
    Client& client = i % 2 == 0 ? *one : *other;
    expected.emplace_back(scene.value(fmt::format("element {}", i)));
    must_be_ok(append(client, scene.leader(), scene.key("list"), std::get<std::string>(expected.back())), "the append");
    must_show(read(client, scene.leader(), scene.key("list"), true), expected, "the read of the list");
  }
}

void concurrent_sessions(Scene& scene) {
  scene.need(Function::write);
  std::mutex mutex;
  std::optional<std::string> problem;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, session = fmt::format("c{}", i)] {
        const auto mine = write_and_read_own_keys(scene, session);
        const std::lock_guard lock(mutex);
        if (mine && !problem) problem = mine;
      });
    }
  }
  if (problem) throw Failed{*problem};
}

void followers(Scene& scene) {
  scene.need(Function::write);
  const std::vector<std::string> names = scene.deployment().topology().followers();
  if (names.empty()) throw NotApplicable{"it has no followers"};
  const auto client = scene.client("c0");
  must_be_ok(write(*client, scene.leader(), scene.key("replicated"), scene.value("replicated")), "the write");
  for (const std::string& node : names) {
    const bool shown = becomes_true([&] {
      const Reply reply = must_be_ok(read(*client, node, scene.key("replicated")), "the read at " + node);
      if (is_null(reply.value)) return false;
      must_show(reply, scene.value("replicated"), "the read at " + node);
      return true;
    });
    if (!shown)
      throw Failed{fmt::format("{} still did not show a write {} s after it was acknowledged", node,
                               patience / std::chrono::seconds(1))};
  }
}

void positions(Scene& scene) {
  scene.need(Function::write);
  const auto client = scene.client("c0");
  std::string before;
  for (const char* name : {"first", "second", "third"}) {
    const Reply written =
        must_be_ok(write(*client, scene.leader(), scene.key("place"), scene.value(name)), "the write");
    if (written.position.empty()) throw NotApplicable{"writes give no position"};
    if (!before.empty() && scene.deployment().at_least(written.position, before) == false) {
      throw Failed{fmt::format("the position {} of a later write compares as before {}, that of an earlier one",
                               written.position, before)};
    }
    before = written.position;
    for (const std::string& node : scene.nodes()) {
      const Awaited awaited = client->await(node, written.position, Clock::now() + patience);
      if (awaited == Applied::incomparable) throw NotApplicable{"positions cannot be waited for"};
      if (awaited == Applied::unreachable)
        throw Failed{fmt::format("{} did not answer when it was asked for {}", node, written.position)};
      if (awaited == Applied::not_yet) {
        throw Failed{fmt::format("{} had not reached {} after {} s", node, written.position,
                                 patience / std::chrono::seconds(1))};
      }
      must_show(read(*client, node, scene.key("place")), scene.value(name),
                fmt::format("the read at {} after it had reached the write's position {}", node, written.position));
    }
  }
}

void beats(Scene& scene) {
  const auto writer = scene.deployment().open_beat();
  const auto reader = scene.deployment().open_beat();
  if (!writer || !reader)
    throw NotApplicable{"it has no beats: reads at risk are counted from what other sessions saw"};
  std::int64_t number = 0;
  // Never the same number twice: one that is not acknowledged may have been written.
  const bool written = becomes_true([&] { return writer->write(++number, Clock::now() + patience); });
  if (!written) throw Failed{"no beat was acknowledged"};
  for (const std::string& node : scene.nodes()) {
    std::optional<std::int64_t> shown;
    const bool arrived = becomes_true([&] {
      shown = reader->visible(node, Clock::now() + patience);
      return shown && *shown >= number;
    });
    if (!arrived)
      throw Failed{fmt::format("{} does not show beat {} but {}", node, number,
                               shown ? fmt::format("{}", *shown) : "gives no answer")};
    if (*shown != number)
      throw Failed{fmt::format("{} shows beat {}, though {} was the last that was written", node, *shown, number)};
  }
}

}  // namespace afterwrite::conformance
