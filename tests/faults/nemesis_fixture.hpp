#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/faults/nemesis.hpp"
#include "harness/session/errors.hpp"
#include "tests/faults/fake_deployment.hpp"

namespace afterwrite {

// What was recorded, and anything the test wants to happen at that moment.
struct Record {
  std::vector<FaultEvent> events;
  std::function<void(const FaultEvent&)> also;

  std::vector<std::string> phases() const {
    std::vector<std::string> phases;
    for (const FaultEvent& event : events)
      phases.push_back(event.episode + " " + event.phase);
    return phases;
  }
  const FaultEvent& get(const std::string& phase) const {
    for (const FaultEvent& event : events) {
      if (event.episode + " " + event.phase == phase) return event;
    }
    throw std::runtime_error("no event " + phase);
  }
  bool has(const std::string& phase) const {
    const auto all = phases();
    return std::find(all.begin(), all.end(), phase) != all.end();
  }
};

class NemesisTest : public testing::Test {
 protected:
  Nemesis nemesis(const std::vector<std::string>& faults, Deployment& target) {
    std::vector<FaultRequest> requests;
    for (const std::string& text : faults)
      requests.push_back(parse_fault(text));
    return make(std::move(requests), target);
  }
  Nemesis make(std::vector<FaultRequest> requests, Deployment& target) {
    NemesisListener listener;
    listener.record = [this](FaultEvent event) {
      record.events.push_back(event);
      if (record.also) record.also(event);
    };
    listener.beat_acknowledged = [](std::int64_t beat) -> std::optional<Nanoseconds> {
      if (beat != 41) return std::nullopt;
      return 123456789;
    };
    listener.on_leader_change = [this] { leader_changes.push_back(deployment.topology().leader()); };
    return {std::move(requests), target, proxy, clock, std::move(listener)};
  }
  LinkFaults faults_at(const LinkName& link) { return proxy.link(link).faults(); }
  // What the record callback sees is on at a link at that moment.
  bool calm() {
    for (const LinkName& link : proxy.links()) {
      if (faults_at(link) != LinkFaults{}) return false;
    }
    return true;
  }
  std::string refusal(const std::string& fault, Deployment& target) {
    try {
      nemesis({fault}, target).check();
      return "accepted";
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  FaultProxy proxy;
  FakeDeployment deployment{proxy};
  RunClock clock;
  Record record;
  std::vector<std::string> leader_changes;
  std::stop_source stop;
};

}  // namespace afterwrite
