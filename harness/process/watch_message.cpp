#include "harness/process/watch_message.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "harness/process/process_tree.hpp"

namespace afterwrite {

bool send_message(int socket, const WatchMessage& message, std::string_view folder) noexcept {
  // The kernel only reads from these; iovec has no const.
  iovec parts[] = {{const_cast<WatchMessage*>(&message), sizeof message},
                   {const_cast<char*>(folder.data()), folder.size()}};
  msghdr packet{};
  packet.msg_iov = parts;
  packet.msg_iovlen = folder.empty() ? 1 : 2;
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &packet, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

bool announce_self(int socket, int stop_signal) noexcept {
  const auto stat = read_stat("/proc/self/stat");
  if (!stat) return false;
  WatchMessage message;
  message.kind = WatchMessage::Kind::watch_process;
  message.pid = ::getpid();
  message.stop_signal = stop_signal;
  message.start = stat->start;
  return send_message(socket, message);
}

}  // namespace afterwrite
