#include "harness/process/free_port.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <random>

namespace afterwrite {

namespace {

// Below the ports that the system itself hands out (from 32768 on, ip_local_port_range): any connection that anybody opens takes one of
// those, also one that is to be listened on a moment later.
constexpr std::uint16_t lowest = 15000;
constexpr std::uint16_t highest = 32000;
constexpr int attempts = 64;

}  // namespace

std::uint16_t free_port() {
  using boost::asio::ip::tcp;
  try {
    boost::asio::io_context context;
    std::random_device random;
    std::uniform_int_distribution<int> any(lowest, highest);
    for (int attempt = 0; attempt < attempts; ++attempt) {
      boost::system::error_code error;
      tcp::acceptor acceptor(context);
      const auto port = static_cast<std::uint16_t>(any(random));
      acceptor.open(tcp::v4());
      acceptor.bind({boost::asio::ip::address_v4::loopback(), port}, error);
      if (!error) acceptor.listen(1, error);
      if (!error) return port;
    }
    const tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    return acceptor.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    throw ProcessError(fmt::format("no free TCP port on 127.0.0.1: {}", error.code().message()));
  }
}

}  // namespace afterwrite
