#include "harness/faults/proxy.hpp"

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <fmt/format.h>
#include <future>
#include <map>
#include <pthread.h>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include "harness/faults/proxy_link.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t scratch_size = std::size_t{64} * 1024;

std::string spelled(const LinkName& name) {
  return fmt::format("the link {} -> {}", name.from, name.to);
}

proxy::Link::Endpoints resolve(const LinkName& name, const Address& upstream) {
  try {
    boost::asio::io_context context;
    proxy::Link::Endpoints endpoints;
    for (const auto& entry :
         tcp::resolver(context).resolve(upstream.host, std::to_string(upstream.port), tcp::resolver::numeric_service)) {
      endpoints.push_back(entry.endpoint());
    }
    return endpoints;
  } catch (const boost::system::system_error& error) {
    throw EnvironmentError(fmt::format("{}: cannot resolve the host '{}': {}; check its name, or give an address",
                                       spelled(name), upstream.host, error.code().message()));
  }
}

struct Failure {
  std::string what;
};

[[noreturn]] void no_port(const LinkName& name, const boost::system::system_error& error) {
  throw EnvironmentError(
      fmt::format("{}: cannot listen on a loopback port: {}; if files or ports ran out, see "
                  "`ulimit -n` and /proc/sys/net/ipv4/ip_local_port_range",
                  spelled(name), error.code().message()));
}

}  // namespace

/// What lives on the proxy's thread.
class FaultProxy::Engine {
 public:
  explicit Engine(std::size_t held_limit) : held_limit_(held_limit), work_(context_.get_executor()) {
    // Signals are for the threads that know what to do with them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { context_.run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  ~Engine() {
    on_thread([this] {
      for (auto& [name, link] : links_)
        link->close();
      links_.clear();
    });
    work_.reset();  // run() returns when the last handler has
    thread_.join();
  }

  /// Runs `task` on the proxy's thread and returns what it does. What it throws is thrown here as an EnvironmentError
  /// with the same words: an exception object is not shared between threads.
  template <class Task>
  std::invoke_result_t<Task> on_thread(Task task) {
    using Result = std::invoke_result_t<Task>;
    using Kept = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;
    std::promise<std::variant<Kept, Failure>> promise;
    auto future = promise.get_future();
    boost::asio::post(context_, [&task, promise = std::move(promise)]() mutable {
      try {
        if constexpr (std::is_void_v<Result>) {
          task();
          promise.set_value(Kept{});
        } else {
          promise.set_value(task());
        }
      } catch (const std::exception& error) {
        promise.set_value(Failure{error.what()});
      }
    });
    std::variant<Kept, Failure> outcome = future.get();
    if (const auto* failure = std::get_if<Failure>(&outcome)) throw EnvironmentError(failure->what);
    if constexpr (!std::is_void_v<Result>) return std::get<Kept>(std::move(outcome));
  }

  Address open(const LinkName& name, proxy::Link::Endpoints upstream, std::uint16_t listen) {
    const auto found = links_.find(name);
    if (found != links_.end()) {
      found->second->set_upstream(std::move(upstream));
      return found->second->address();
    }
    try {
      auto link = std::make_shared<proxy::Link>(context_, std::span<char>(scratch_), held_limit_, listen);
      link->set_upstream(std::move(upstream));
      link->listen();
      links_.emplace(name, link);
      return link->address();
    } catch (const boost::system::system_error& error) {
      if (listen == 0) no_port(name, error);
      throw EnvironmentError(fmt::format("{}: cannot listen on 127.0.0.1:{}: {}; name another port, or 0 for a free one",
                                         spelled(name), listen, error.code().message()));
    }
  }

  Address open_shared(const std::string& to, const proxy::Link::Endpoints& upstream,
                      const std::vector<Dialler>& diallers) {
    const Address address = open({any_dialler, to}, upstream, 0);
    proxy::Link& entrance = get({any_dialler, to});
    for (const Dialler& dialler : diallers) {
      auto& link = links_[{dialler.name, to}];
      if (!link) link = std::make_shared<proxy::Link>(context_, std::span<char>(scratch_), held_limit_, std::nullopt);
      link->set_upstream(upstream);
      entrance.pass_on(dialler.mark, link);
    }
    return address;
  }

  void close(const LinkName& name) {
    const auto found = links_.find(name);
    if (found == links_.end()) return;
    found->second->close();
    links_.erase(found);
  }

  proxy::Link* find(const LinkName& name) const {
    const auto found = links_.find(name);
    return found == links_.end() ? nullptr : found->second.get();
  }

  proxy::Link& get(const LinkName& name) const {
    proxy::Link* link = find(name);
    if (link == nullptr) throw EnvironmentError(fmt::format("{} is not open", spelled(name)));
    return *link;
  }

  /// Lays `change` over what is on at the link.
  template <class Change>
  void change(const LinkName& name, Change change) {
    on_thread([&] {
      proxy::Link& link = get(name);
      LinkFaults faults = link.faults();
      change(faults);
      try {
        link.set(faults);
      } catch (const boost::system::system_error& error) {
        no_port(name, error);
      }
    });
  }

  std::vector<LinkName> names() const {
    std::vector<LinkName> names;
    for (const auto& [name, link] : links_)
      names.push_back(name);
    return names;
  }

 private:
  std::size_t held_limit_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::array<char, scratch_size> scratch_{};
  std::map<LinkName, std::shared_ptr<proxy::Link>> links_;
  std::thread thread_;
};

void FaultLink::delay(Direction direction, Duration delay) const {
  proxy_->engine_->change(name_, [&](LinkFaults& faults) {
    if (direction != Direction::to_dialler) faults.to_target.delay = delay;
    if (direction != Direction::to_target) faults.to_dialler.delay = delay;
  });
}

void FaultLink::stall(Direction direction) const {
  proxy_->engine_->change(name_, [&](LinkFaults& faults) {
    if (direction != Direction::to_dialler) faults.to_target.stalled = true;
    if (direction != Direction::to_target) faults.to_dialler.stalled = true;
  });
}

void FaultLink::hold(Direction direction) const {
  proxy_->engine_->change(name_, [&](LinkFaults& faults) {
    if (direction != Direction::to_dialler) faults.to_target.held = true;
    if (direction != Direction::to_target) faults.to_dialler.held = true;
  });
}

void FaultLink::cut() const {
  proxy_->engine_->change(name_, [](LinkFaults& faults) { faults.cut = true; });
}

void FaultLink::heal() const {
  proxy_->engine_->on_thread([this] {
    proxy::Link* link = proxy_->engine_->find(name_);
    if (link == nullptr) return;
    try {
      link->set({});
    } catch (const boost::system::system_error& error) {
      no_port(name_, error);
    }
  });
}

void FaultLink::set(const LinkFaults& faults) const {
  proxy_->engine_->change(name_, [&](LinkFaults& old) { old = faults; });
}

LinkFaults FaultLink::faults() const {
  return proxy_->engine_->on_thread([this] { return proxy_->engine_->get(name_).faults(); });
}

LinkStatistics FaultLink::statistics() const {
  return proxy_->engine_->on_thread([this] { return proxy_->engine_->get(name_).statistics(); });
}

FaultProxy::FaultProxy(std::size_t held_limit) : engine_(std::make_unique<Engine>(held_limit)) {}
FaultProxy::~FaultProxy() = default;

Address FaultProxy::open(const LinkName& name, const Address& upstream, std::uint16_t listen) {
  proxy::Link::Endpoints endpoints = resolve(name, upstream);
  return engine_->on_thread([&] { return engine_->open(name, std::move(endpoints), listen); });
}

Address FaultProxy::open_shared(const std::string& to, const Address& upstream, const std::vector<Dialler>& diallers) {
  const proxy::Link::Endpoints endpoints = resolve({any_dialler, to}, upstream);
  return engine_->on_thread([&] { return engine_->open_shared(to, endpoints, diallers); });
}

void FaultProxy::close(const LinkName& name) {
  engine_->on_thread([&] { engine_->close(name); });
}

FaultLink FaultProxy::link(const LinkName& name) {
  engine_->on_thread([&] { engine_->get(name); });
  return {*this, name};
}

std::vector<LinkName> FaultProxy::links() const {
  return engine_->on_thread([this] { return engine_->names(); });
}

}  // namespace afterwrite
