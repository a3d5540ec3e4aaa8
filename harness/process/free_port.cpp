#include "harness/process/free_port.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

namespace afterwrite {

std::uint16_t free_port() {
  using boost::asio::ip::tcp;
  try {
    boost::asio::io_context context;
    const tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    return acceptor.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    throw ProcessError(fmt::format("no free TCP port on 127.0.0.1: {}", error.code().message()));
  }
}

}  // namespace afterwrite
