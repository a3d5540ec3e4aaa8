#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace afterwrite::postgres {

/// A place in the write-ahead log. `timeline` is the epoch: an LSN alone lies after a failover, because the log forks
/// and the new leader passes the same numbers with other content. Written `TIMELINE/X/Y`: `1/0/3000148`.
struct Position {
  std::int64_t timeline = 0;
  std::uint64_t lsn = 0;
  /// A later timeline counts as later, whatever the LSN.
  auto operator<=>(const Position&) const = default;
};

std::string to_string(const Position& position);
/// Nothing for any other text.
std::optional<Position> parse_position(std::string_view text);
/// PostgreSQL's own `X/Y`.
std::optional<std::uint64_t> parse_lsn(std::string_view text);

/// As Deployment::at_least: a later timeline counts as later; nothing if one of the texts is no position.
std::optional<bool> at_least(std::string_view a, std::string_view b);

/// How the server cuts its log into files and pages.
struct WalGeometry {
  std::uint64_t segment = 16 * 1024 * 1024;
  std::uint64_t page = 8192;
};

/// Where the last record ended, given where the next will begin (`pg_current_wal_insert_lsn()`).
///
/// The two differ when a record ended exactly at the end of a page: the next begins past the new page's header. A
/// follower that has applied everything then stands at the page's start, so that waiting for the insert position would
/// never end on an idle leader.
std::uint64_t end_of_last_record(std::uint64_t insert_lsn, const WalGeometry& geometry);

}  // namespace afterwrite::postgres
