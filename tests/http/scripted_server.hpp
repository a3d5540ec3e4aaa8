#pragma once

#include <array>
#include <boost/asio.hpp>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace afterwrite {

/// A server on a free loopback port that does with each connection what a test says, one after the other, on one thread.
class ScriptedServer {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  /// `number` counts connections from 0. The socket is closed when it returns; what it throws ends the connection only.
  using Script = std::function<void(Socket& socket, std::size_t number)>;

  explicit ScriptedServer(Script script)
      : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}), thread_([this, script = std::move(script)] { serve(script); }) {}
  ~ScriptedServer() {
    ended_ = true;
    boost::system::error_code ignored;
    Socket waker(context_);
    waker.connect(acceptor_.local_endpoint(), ignored);  // wakes accept()
    thread_.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port()) + path; }

  /// Reads up to the empty line that ends a request's headers. Throws at the connection's end.
  static std::string read_head(Socket& socket) {
    std::string text;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    return text;
  }
  /// Reads a request, whose body is as long as its `Content-Length` says: the headers, an empty line, the body.
  static std::string read_request(Socket& socket) {
    std::string text;
    const std::size_t head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    const std::size_t length = text.find("Content-Length: ");
    if (length == std::string::npos || length > head) return text;
    const std::size_t whole = head + std::stoul(text.substr(length + std::string_view("Content-Length: ").size()));
    while (text.size() < whole) {
      std::array<char, 4096> more{};
      text.append(more.data(), socket.read_some(boost::asio::buffer(more)));
    }
    return text;
  }
  static void send(Socket& socket, const std::string& text) { boost::asio::write(socket, boost::asio::buffer(text)); }
  static void answer(Socket& socket, const std::string& body, const std::string& more = "") {
    send(socket, "HTTP/1.1 200 OK\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  /// Returns once the peer hung up.
  static void await_end(Socket& socket) {
    std::string rest;
    boost::system::error_code ended;
    boost::asio::read(socket, boost::asio::dynamic_buffer(rest), ended);
  }

 private:
  void serve(const Script& script) {
    for (std::size_t number = 0; !ended_; ++number) {
      Socket socket(context_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (error || ended_) return;
      try {
        script(socket, number);
      } catch (const boost::system::system_error&) {
        // the client hung up
      }
    }
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace afterwrite
