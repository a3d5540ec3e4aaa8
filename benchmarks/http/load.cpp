// What the HTTP adapter adds to an exchange: one PUT to three GETs over kept connections, against a server on loopback
// that gives a static answer. A bare loop around libcurl, the adapter's client, whole audits, and wrk (GETs only), in
// turns within one run.
//
//   benchmark_http [--connections 1,8] [--seconds 2] [--rounds 5] [--afterwrite build/release/afterwrite]

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <cstdio>
#include <ctime>
#include <curl/curl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>

#include "adapters/http/http.hpp"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Seconds = std::chrono::duration<double>;
using afterwrite::Clock;

const std::string static_answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Position: 7\r\nContent-Length: "
    "14\r\n\r\n{\"bio\":\"s0-1\"}";
const std::string body = R"({"bio":"s0-1"})";

/// One connection: answers each request as soon as it is whole.
class Peer : public std::enable_shared_from_this<Peer> {
 public:
  explicit Peer(tcp::socket socket) : socket_(std::move(socket)) { socket_.set_option(tcp::no_delay(true)); }

  void read() {
    asio::async_read_until(socket_, asio::dynamic_buffer(text_), "\r\n\r\n",
                           [self = shared_from_this()](auto error, std::size_t head) {
                             if (!error) self->read_body(head);
                           });
  }

 private:
  void read_body(std::size_t head) {
    const std::size_t named = text_.find("Content-Length: ");
    const std::size_t length = named < head ? std::stoul(text_.substr(named + 16)) : 0;
    if (text_.size() >= head + length) return answer(head + length);
    asio::async_read(socket_, asio::dynamic_buffer(text_), asio::transfer_exactly(head + length - text_.size()),
                     [self = shared_from_this(), all = head + length](auto error, std::size_t) {
                       if (!error) self->answer(all);
                     });
  }
  void answer(std::size_t consumed) {
    text_.erase(0, consumed);
    asio::async_write(socket_, asio::buffer(static_answer), [self = shared_from_this()](auto error, std::size_t) {
      if (!error) self->read();
    });
  }

  tcp::socket socket_;
  std::string text_;
};

class Server {
 public:
  Server()
      : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}), thread_([this] { accept(), context_.run(); }) {}
  ~Server() {
    context_.stop();
    thread_.join();
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", acceptor_.local_endpoint().port()); }

 private:
  void accept() {
    acceptor_.async_accept([this](auto error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Peer>(std::move(socket))->read();
      accept();
    });
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

struct NoLinks : afterwrite::LinkFactory {
  afterwrite::Address open(const afterwrite::LinkName&, const afterwrite::Address& upstream, std::uint16_t) override {
    return upstream;
  }
  void close(const afterwrite::LinkName&) override {}
};

nlohmann::json description(const std::string& url) {
  return {{"nodes", {{{"name", "api"}, {"url", url}}}},
          {"write",
           {{"path", "/users/{key}/bio"}, {"json", {{"bio", "{value}"}}}, {"position", {{"header", "X-Position"}}}}},
          {"read",
           {{"path", "/users/{key}/bio"}, {"value", {{"json", "/bio"}}}, {"position", {{"header", "X-Position"}}}}}};
}

struct Speed {
  double per_second = 0;
  double cpu_us = 0;  // of the clients' threads, an exchange: hardly moved by what else the machine does
};

double thread_cpu() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// `connections` threads, each of which does `one` again and again; `one` gets the number of the exchange.
Speed measure(int connections, Seconds duration, const std::function<std::function<void(std::uint64_t)>(int)>& open) {
  std::atomic<bool> over = false;
  std::atomic<std::uint64_t> done = 0;
  std::atomic<std::uint64_t> cpu_ns = 0;
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (int number = 0; number < connections; ++number) {
    threads.emplace_back([&, number] {
      const auto one = open(number);
      std::uint64_t count = 0;
      const double before = thread_cpu();
      while (!over.load(std::memory_order_relaxed))
        one(count++);
      cpu_ns += static_cast<std::uint64_t>((thread_cpu() - before) * 1e9);
      done += count;
    });
  }
  std::this_thread::sleep_for(duration);
  over = true;
  for (std::thread& thread : threads)
    thread.join();
  const auto exchanges = static_cast<double>(done);
  return {exchanges / Seconds(Clock::now() - begin).count(), static_cast<double>(cpu_ns) / 1e3 / exchanges};
}

std::size_t count_bytes(char*, std::size_t size, std::size_t count, void* total) {
  *static_cast<std::size_t*>(total) += size * count;
  return size * count;
}

Speed bare_loop(const std::string& url, int connections, Seconds duration) {
  return measure(connections, duration, [&](int) {
    std::shared_ptr<CURL> handle(curl_easy_init(), curl_easy_cleanup);
    std::shared_ptr<curl_slist> headers(curl_slist_append(nullptr, "Content-Type: application/json"),
                                        curl_slist_free_all);
    const auto total = std::make_shared<std::size_t>(0);
    curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, total.get());
    curl_easy_setopt(handle.get(), CURLOPT_URL, (url + "/users/k1/bio").c_str());
    return [handle, headers, total](std::uint64_t number) {
      CURL* curl = handle.get();
      const bool write = number % 4 == 0;
      curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
      curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, write ? "PUT" : "GET");
      curl_easy_setopt(curl, CURLOPT_HTTPHEADER, write ? headers.get() : nullptr);
      if (write) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
      if (curl_easy_perform(curl) != CURLE_OK) throw std::runtime_error("the bare loop failed");
    };
  });
}

Speed adapter(const std::string& url, int connections, Seconds duration) {
  NoLinks links;
  const auto deployment = afterwrite::http::make_http({.service = description(url), .file = "benchmark"}, links);
  return measure(connections, duration, [&](int session) {
    const std::shared_ptr<afterwrite::Client> client = deployment->open_client(fmt::format("s{}", session));
    return [client](std::uint64_t number) {
      afterwrite::Call call;
      call.function = number % 4 == 0 ? afterwrite::Function::write : afterwrite::Function::read;
      call.key = "k1";
      if (number % 4 == 0) call.value = "s0-1";
      call.node = "api";
      call.deadline = Clock::now() + std::chrono::seconds(2);
      if (client->call(call).outcome != afterwrite::Outcome::ok) throw std::runtime_error("the adapter failed");
    };
  });
}

std::string output_of(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string text;
  char part[4096];
  for (std::size_t count = 0; (count = fread(part, 1, sizeof part, pipe.get())) > 0;)
    text.append(part, count);
  return text;
}

/// Every answer is the same, so the verdict means nothing: it is the load that counts.
double audit(const std::string& afterwrite, const std::string& url, int connections, Seconds duration) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("afterwrite-bench-http-{}", getpid());
  std::filesystem::create_directories(folder);
  nlohmann::json scenario = description(url);
  scenario["system"] = "http";
  std::ofstream(folder / "service.json") << scenario;
  output_of(fmt::format(
      "{} audit {}/service.json --quiet --json --workload register:observers=0 --read-delay 0 --sessions {} --duration "
      "{}ms "
      "--out {}/run",
      afterwrite, folder.string(), connections, static_cast<int>(duration.count() * 1000), folder.string()));
  std::ifstream history(folder / "run/history.jsonl");
  std::string line;
  std::string last;
  while (std::getline(history, line))
    last = line;
  std::filesystem::remove_all(folder);
  const auto footer = nlohmann::json::parse(last);
  return footer.at("ops").get<double>() /
         ((footer.at("load_end").get<double>() - footer.at("load_begin").get<double>()) / 1e9);
}

double wrk(const std::string& url, int connections, Seconds duration) {
  const std::string text = output_of(fmt::format("command -v wrk >/dev/null && wrk -t {} -c {} -d {} {}/users/k1/bio",
                                                 std::min(connections, 2), connections,
                                                 std::max(1, static_cast<int>(duration.count())), url));
  const std::size_t at = text.find("Requests/sec:");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + 13));
}

double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The HTTP adapter over a bare libcurl loop");
  std::vector<int> connections{1, 8};
  double seconds = 2;
  int rounds = 5;
  std::string afterwrite;
  app.add_option("--connections", connections)->delimiter(',');
  app.add_option("--seconds", seconds);
  app.add_option("--rounds", rounds);
  app.add_option("--afterwrite", afterwrite, "the command, for whole audits");
  CLI11_PARSE(app, argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const Server server;
  fmt::print("medians of {} rounds; exchanges a second, and the clients' CPU an exchange\n", rounds);
  fmt::print("{:>11} {:>12} {:>9} {:>10} {:>6} {:>9} {:>6} {:>10} {:>6} {:>10}\n", "connections", "bare libcurl",
             "CPU us", "adapter", "ratio", "CPU us", "ratio", "audit", "ratio", "wrk");
  for (const int count : connections) {
    std::vector<double> bare, bare_cpu, ours, ours_cpu, audits, ratios, cpu_ratios, audit_ratios;
    for (int round = 0; round < rounds; ++round) {
      const Speed loop = bare_loop(server.url(), count, Seconds(seconds));
      const Speed own = adapter(server.url(), count, Seconds(seconds));
      bare.push_back(loop.per_second);
      bare_cpu.push_back(loop.cpu_us);
      ours.push_back(own.per_second);
      ours_cpu.push_back(own.cpu_us);
      audits.push_back(afterwrite.empty() ? 0 : audit(afterwrite, server.url(), count, Seconds(seconds)));
      ratios.push_back(own.per_second / loop.per_second);
      cpu_ratios.push_back(own.cpu_us / loop.cpu_us);
      audit_ratios.push_back(audits.back() / loop.per_second);
    }
    fmt::print("{:>11} {:>12.0f} {:>9.1f} {:>10.0f} {:>6.2f} {:>9.1f} {:>6.2f} {:>10.0f} {:>6.2f} {:>10.0f}\n", count,
               median(bare), median(bare_cpu), median(ours), median(ratios), median(ours_cpu), median(cpu_ratios),
               median(audits), median(audit_ratios), wrk(server.url(), count, Seconds(seconds)));
    std::cout.flush();
  }
}
