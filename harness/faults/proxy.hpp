#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/session/clock.hpp"
#include "harness/session/link.hpp"

namespace afterwrite {

/// Which way bytes flow on a link: from the one who dials to the target, or back.
enum class Direction { to_target, to_dialler, both };

/// What is done to the bytes of one direction. Of a connection that was upgraded to websocket, delay and hold concern
/// the data frames alone: pings and pongs go past those that wait, so that no heartbeat misses.
struct DirectionFaults {
  Duration delay{0};     ///< every byte is handed on no earlier than this after it came in; at most `longest_delay`
  bool stalled = false;  ///< bytes are held, the connections stay open
  bool held = false;     ///< data frames of websocket connections are held; whatever is not websocket passes
  bool operator==(const DirectionFaults&) const = default;
};

/// Everything that is on at a link; the default is nothing.
struct LinkFaults {
  DirectionFaults to_target;
  DirectionFaults to_dialler;
  bool cut = false;  ///< connections are reset, dialling is refused
  bool operator==(const LinkFaults&) const = default;
};

inline constexpr Duration longest_delay = std::chrono::hours(24);

/// Counts since the link was opened. `held` and `open_connections` are of the moment.
struct DirectionStatistics {
  std::uint64_t received = 0;   ///< bytes read from the sender
  std::uint64_t forwarded = 0;  ///< bytes written to the receiver
  std::uint64_t held = 0;       ///< bytes received, not yet forwarded
  std::uint64_t most_held = 0;  ///< the most that was ever held
  std::uint64_t detained = 0;   ///< bytes that came in under a delay, a stall or a hold that concerned them
  std::uint64_t detained_frames = 0;  ///< websocket data frames that did
  /// How long the longest of the detained was kept, of what was forwarded since a fault came on at a direction where
  /// none was.
  Duration longest_detained{0};
  std::uint64_t dropped = 0;    ///< bytes that were held when their connection was reset
};
struct LinkStatistics {
  std::uint64_t connections = 0;
  std::uint64_t open_connections = 0;
  std::uint64_t reset = 0;            ///< connections that a cut, a new upstream or close() ended
  std::uint64_t upstream_failed = 0;  ///< dials that the upstream refused; the dialler was reset
  DirectionStatistics to_target;
  DirectionStatistics to_dialler;
};

class FaultProxy;

/// A handle to one link of a proxy: a plain value, valid while the proxy lives. Any thread may call; each call returns
/// when what it asked for is in force. All but heal() and the questions throw EnvironmentError if the link is not open.
class FaultLink {
 public:
  /// Zero lifts the delay. A shorter one lets go at once what is due by then, in order.
  void delay(Direction direction, Duration delay) const;
  void stall(Direction direction) const;
  void hold(Direction direction) const;
  /// Resets every connection, at both ends, losing what was held; from then on dialling is refused.
  void cut() const;
  /// Ends everything that is on: what was held is released at once and in order. Does nothing on a link that is closed.
  void heal() const;

  /// Replaces everything that is on. Throws EnvironmentError, leaving the link cut, if it cannot listen again.
  void set(const LinkFaults& faults) const;

  LinkFaults faults() const;
  LinkStatistics statistics() const;

  const LinkName& name() const { return name_; }

 private:
  friend class FaultProxy;
  FaultLink(FaultProxy& proxy, LinkName name) : proxy_(&proxy), name_(std::move(name)) {}

  FaultProxy* proxy_;
  LinkName name_;
};

/// A TCP proxy on loopback with one listening port for each link, whose links can be delayed, stalled and cut. It works
/// on one thread of its own, which lives as long as the object; every member may be called from any thread.
///
/// Bytes arrive whole and in order whatever faults come and go, a cut excepted; only websocket's pings and pongs may
/// overtake data frames that a hold or a delay keeps, never in the middle of a frame. A connection is websocket once
/// the upstream's first answer on it says so (101); a frame that is under way when a hold begins is completed.
/// Half-closes and resets travel in line with the bytes before them, and so do close frames. Memory is bounded: of each
/// direction of a link at most `held_limit` is held (plus one read of 64 KiB); then the proxy stops reading, and the
/// sender's TCP window fills up (pings and pongs behind that wait too). A connection that no fault concerns holds at
/// most 256 KiB.
///
/// A shared address accepts whoever dials, so a cut of one dialler's link resets what that one asks instead of refusing
/// it. A dialler that another node's cut does not concern is not touched.
///
/// What is on at a link belongs to its name: it stays when the name is opened again with another upstream.
class FaultProxy : public LinkFactory {
 public:
  static constexpr std::size_t default_held_limit = std::size_t{64} * 1024 * 1024;

  explicit FaultProxy(std::size_t held_limit = default_held_limit);

  /// Closes every link, without releasing what is held, and ends the thread.
  ~FaultProxy() override;

  /// Host names are resolved here, once. With another upstream than before, the name's connections are reset.
  Address open(const LinkName& name, const Address& upstream, std::uint16_t listen = 0) override;
  Address open_shared(const std::string& to, const Address& upstream, const std::vector<Dialler>& diallers) override;
  void close(const LinkName& name) override;

  /// The handle of a link. Throws EnvironmentError if no such link is open.
  FaultLink link(const LinkName& name);

  /// The links that are open, in the order of their names.
  std::vector<LinkName> links() const;

 private:
  friend class FaultLink;
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace afterwrite
