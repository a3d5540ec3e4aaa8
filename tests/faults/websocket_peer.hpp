#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/session/link.hpp"
#include "tests/faults/tcp_peer.hpp"

namespace afterwrite::testing_websocket {

/// One end of a websocket, on the thread of its context: reads all the time, and answers pings as Beast does.
class WebsocketEnd : public std::enable_shared_from_this<WebsocketEnd> {
 public:
  using Stream = boost::beast::websocket::stream<boost::asio::ip::tcp::socket>;

  explicit WebsocketEnd(boost::asio::ip::tcp::socket socket) : stream_(std::move(socket)) {
    stream_.read_message_max(0);
    stream_.binary(true);
    stream_.control_callback([this](boost::beast::websocket::frame_type type, boost::beast::string_view) {
      if (type == boost::beast::websocket::frame_type::pong) ++pongs_;
    });
  }

  Stream& stream() { return stream_; }

  void read() {
    stream_.async_read(buffer_, [this, self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
      if (error) {
        ended_ = true;
        return;
      }
      {
        const std::lock_guard lock(mutex_);
        messages_.push_back(boost::beast::buffers_to_string(buffer_.data()));
      }
      buffer_.consume(buffer_.size());
      read();
    });
  }
  void send(const std::string& message) {
    boost::asio::post(stream_.get_executor(), [this, self = shared_from_this(), message] {
      outgoing_.push_back(message);
      if (outgoing_.size() == 1) write();
    });
  }
  void ping(const std::string& text) {
    boost::asio::post(stream_.get_executor(), [this, self = shared_from_this(), text] {
      stream_.async_ping(boost::beast::websocket::ping_data(text), [self](const boost::system::error_code&) {});
    });
  }
  void drop() {
    boost::asio::post(stream_.get_executor(), [this, self = shared_from_this()] {
      boost::system::error_code ignored;
      stream_.next_layer().close(ignored);
    });
  }

  std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  int pongs() const { return pongs_; }
  bool ended() const { return ended_; }

 private:
  void write() {
    stream_.async_write(boost::asio::buffer(outgoing_.front()),
                        [this, self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                          if (error) return;
                          outgoing_.pop_front();
                          if (!outgoing_.empty()) write();
                        });
  }

  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::string> outgoing_;
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
  std::atomic<int> pongs_ = 0;
  std::atomic<bool> ended_ = false;
};

/// A thread that runs a context until the object ends.
class ContextThread {
 public:
  ContextThread() : thread_([this] { context_.run(); }) {}
  ContextThread(const ContextThread&) = delete;
  ContextThread& operator=(const ContextThread&) = delete;
  ~ContextThread() { stop(); }
  /// To be called before what its handlers use is gone. Sockets must go before the context does.
  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

/// Accepts whoever dials, and speaks to the one who dialled last.
class WebsocketServer {
 public:
  WebsocketServer()
      : acceptor_(thread_.context(), {boost::asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()) {
    boost::asio::post(thread_.context(), [this] { accept(); });
  }

  WebsocketServer(const WebsocketServer&) = delete;
  WebsocketServer& operator=(const WebsocketServer&) = delete;
  ~WebsocketServer() { thread_.stop(); }

  Address address() const { return {"127.0.0.1", port_}; }
  void send(const std::string& message) { end()->send(message); }
  void ping(const std::string& text) { end()->ping(text); }
  void drop_connections() { end()->drop(); }
  std::vector<std::string> messages() { return end()->messages(); }
  int pongs() { return end()->pongs(); }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, boost::asio::ip::tcp::socket socket) {
      if (error) return;
      {
        const std::lock_guard lock(mutex_);
        ++shaking_hands_;
      }
      auto end = std::make_shared<WebsocketEnd>(std::move(socket));
      end->stream().async_accept([this, end](const boost::system::error_code& refused) {
        {
          const std::lock_guard lock(mutex_);
          --shaking_hands_;
          if (!refused) end_ = end;
        }
        shaken_.notify_all();
        if (!refused) end->read();
      });
      accept();
    });
  }
  /// That of the last who dialled. A client may know that its hand was shaken before this side does.
  std::shared_ptr<WebsocketEnd> end() {
    std::unique_lock lock(mutex_);
    const bool done = shaken_.wait_for(lock, std::chrono::minutes(1), [this] { return end_ && shaking_hands_ == 0; });
    if (!done) throw std::runtime_error("nobody has dialled the websocket server");
    return end_;
  }

  ContextThread thread_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::mutex mutex_;
  std::condition_variable shaken_;
  int shaking_hands_ = 0;
  std::shared_ptr<WebsocketEnd> end_;
};

/// Dials and shakes hands; its end resets the connection.
class WebsocketClient {
 public:
  explicit WebsocketClient(const Address& address) {
    boost::asio::ip::tcp::socket socket(thread_.context());
    socket.connect({boost::asio::ip::make_address(address.host), address.port});
    end_ = std::make_shared<WebsocketEnd>(std::move(socket));
    end_->stream().handshake("localhost", "/");
    boost::asio::post(thread_.context(), [end = end_] { end->read(); });
  }

  WebsocketClient(const WebsocketClient&) = delete;
  WebsocketClient& operator=(const WebsocketClient&) = delete;
  ~WebsocketClient() { thread_.stop(); }

  void send(const std::string& message) { end_->send(message); }
  void ping(const std::string& text) { end_->ping(text); }
  std::vector<std::string> messages() const { return end_->messages(); }
  int pongs() const { return end_->pongs(); }
  bool ended() const { return end_->ended(); }

 private:
  ContextThread thread_;
  std::shared_ptr<WebsocketEnd> end_;
};

}  // namespace afterwrite::testing_websocket
