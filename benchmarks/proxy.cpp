// What the fault proxy costs while it injects nothing, and how exact its delays are. Everything is measured in one run,
// direct and proxied in turns, so that the ratios hold on a busy machine too.
#include "harness/faults/proxy.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <fmt/format.h>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using afterwrite::Address;
using afterwrite::Clock;
using afterwrite::Direction;
using boost::asio::ip::tcp;

constexpr std::size_t message_size = 64;
constexpr int rounds = 10;
constexpr int calls_a_round = 3000;
constexpr std::size_t bulk_bytes = std::size_t{512} * 1024 * 1024;
constexpr std::size_t bulk_write = std::size_t{128} * 1024;
constexpr auto asked_delay = 200ms;
constexpr int delayed_messages = 3000;

struct Pair {
  tcp::socket dialler;
  tcp::socket target;
};

// A listening socket that hands out both ends of each connection, direct or by way of the proxy.
class Server {
 public:
  Server() : listener_(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {}

  Address address() const { return {"127.0.0.1", listener_.local_endpoint().port()}; }

  Pair connect(const Address& address) {
    Pair pair{tcp::socket(context_), tcp::socket(context_)};
    pair.dialler.connect({boost::asio::ip::address_v4::loopback(), address.port});
    pair.target = listener_.accept();
    pair.dialler.set_option(tcp::no_delay(true));
    pair.target.set_option(tcp::no_delay(true));
    return pair;
  }

 private:
  boost::asio::io_context context_;
  tcp::acceptor listener_;
};

double microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

// Sorts.
double quantile(std::vector<double>& values, double q) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(q * static_cast<double>(values.size() - 1)));
}

// Sends back whatever comes, until the other end closes.
std::thread echo(tcp::socket& socket) {
  return std::thread([&socket] {
    std::array<char, message_size> message{};
    boost::system::error_code error;
    while (true) {
      boost::asio::read(socket, boost::asio::buffer(message), error);
      if (error) return;
      boost::asio::write(socket, boost::asio::buffer(message), error);
      if (error) return;
    }
  });
}

void ping_pong(tcp::socket& socket, std::vector<double>& latencies) {
  std::array<char, message_size> message{};
  for (int i = 0; i < calls_a_round; ++i) {
    const auto begin = Clock::now();
    boost::asio::write(socket, boost::asio::buffer(message));
    boost::asio::read(socket, boost::asio::buffer(message));
    latencies.push_back(microseconds(Clock::now() - begin));
  }
}

void latency(Server& server, const Address& through) {
  std::vector<double> direct;
  std::vector<double> proxied;
  Pair straight = server.connect(server.address());
  Pair around = server.connect(through);
  std::thread echo_straight = echo(straight.target);
  std::thread echo_around = echo(around.target);
  for (int round = 0; round < rounds; ++round) {
    ping_pong(straight.dialler, direct);
    ping_pong(around.dialler, proxied);
  }
  straight.dialler.close();
  around.dialler.close();
  echo_straight.join();
  echo_around.join();
  for (const auto& [name, q] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}}) {
    const double without = quantile(direct, q);
    const double with = quantile(proxied, q);
    fmt::print("round trip {}        direct {:7.1f} us   proxied {:7.1f} us   added {:7.1f} us   ratio {:.2f}\n", name,
               without, with, with - without, with / without);
  }
}

double bytes_per_second(std::vector<Pair>& pairs) {
  std::vector<std::thread> threads;
  const std::size_t each = bulk_bytes / pairs.size();
  const auto begin = Clock::now();
  for (Pair& pair : pairs) {
    threads.emplace_back([&pair, each] {
      const std::vector<char> block(bulk_write, 'x');
      for (std::size_t sent = 0; sent < each; sent += block.size()) {
        boost::asio::write(pair.dialler, boost::asio::buffer(block));
      }
    });
    threads.emplace_back([&pair, each] {
      std::vector<char> block(bulk_write);
      for (std::size_t received = 0; received < each;) {
        received += pair.target.read_some(boost::asio::buffer(block));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  return static_cast<double>(bulk_bytes) / std::chrono::duration<double>(Clock::now() - begin).count();
}

void throughput(Server& server, const Address& through, int connections) {
  double direct = 0;
  double proxied = 0;
  for (int round = 0; round < 3; ++round) {
    for (const bool straight : {true, false}) {
      std::vector<Pair> pairs;
      for (int i = 0; i < connections; ++i)
        pairs.push_back(server.connect(straight ? server.address() : through));
      double& best = straight ? direct : proxied;
      best = std::max(best, bytes_per_second(pairs));
    }
  }
  fmt::print("throughput x{}          direct {:7.0f} MB/s proxied {:7.0f} MB/s ratio {:.2f}\n", connections,
             direct / 1e6, proxied / 1e6, proxied / direct);
}

// Many messages are under way at any time, as on a replication link; each carries when it was sent.
void delay_error(Server& server, const Address& through) {
  Pair pair = server.connect(through);
  std::thread sender([&pair] {
    auto next = Clock::now();
    for (int i = 0; i < delayed_messages; ++i) {
      std::this_thread::sleep_until(next += 1ms);
      const Clock::time_point now = Clock::now();
      std::array<char, sizeof now> message{};
      std::memcpy(message.data(), &now, sizeof now);
      boost::asio::write(pair.dialler, boost::asio::buffer(message));
    }
  });
  std::vector<double> errors;
  for (int i = 0; i < delayed_messages; ++i) {
    Clock::time_point sent;
    std::array<char, sizeof sent> message{};
    boost::asio::read(pair.target, boost::asio::buffer(message));
    std::memcpy(&sent, message.data(), sizeof sent);
    errors.push_back(microseconds(Clock::now() - sent - asked_delay));
  }
  sender.join();
  const double least = quantile(errors, 0);
  fmt::print(
      "delay of {} ms: late by p50 {:.0f} us, p99 {:.0f} us, most {:.0f} us; never earlier than {:.0f} us after\n",
      asked_delay.count(), quantile(errors, 0.5), quantile(errors, 0.99), quantile(errors, 1), least);
}

}  // namespace

int main() {
  Server server;
  afterwrite::FaultProxy proxy;
  const afterwrite::LinkName name{"clients", "node-0"};
  const Address through = proxy.open(name, server.address());
  latency(server, through);
  throughput(server, through, 1);
  throughput(server, through, 8);
  proxy.link(name).delay(Direction::to_target, asked_delay);
  delay_error(server, through);
}
