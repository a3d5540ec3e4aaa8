#include "adapters/postgres/statements.hpp"

#include <fmt/format.h>

namespace afterwrite::postgres {
namespace {

// A leader's timeline: the first eight hexadecimal digits of the name of the log file that it writes.
constexpr std::string_view leader_timeline =
    "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int";

std::string upsert(std::string_view table, std::string_view column, std::string_view parameter,
                   std::string_view changes) {
  return fmt::format(
      "INSERT INTO {0} AS t (key, {1}, version, epoch) VALUES ($1, {2}, 1, {3}) "
      "ON CONFLICT (key) DO UPDATE SET {4}, version = t.version + 1, epoch = excluded.epoch RETURNING version, epoch",
      table, column, parameter, leader_timeline, changes);
}

/// The left join gives a row with a position also where the key has none.
///
/// The position is evaluated after the snapshot was taken, so that all that is seen lies before it. On a follower the
/// log that was received counts, too: a commit becomes visible a moment before the position of the last record applied
/// moves on. A follower's timeline is that of the last beat it has applied: older than the truth for a moment after a
/// failover, never newer, and an older one only sends the next read to the leader.
std::string read(std::string_view table, std::string_view column, bool routed) {
  if (routed) {
    return fmt::format("SELECT {1}, t.version, t.epoch, NULL, NULL, NULL FROM {0} t WHERE t.key = $1", table, column);
  }
  return fmt::format(
      "SELECT {1}, t.version, t.epoch, pg_is_in_recovery(), "
      "CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) "
      "ELSE pg_current_wal_insert_lsn() END, "
      "CASE WHEN pg_is_in_recovery() THEN (SELECT b.epoch FROM {0} b WHERE b.key = '{2}') ELSE {3} END "
      "FROM (SELECT) one LEFT JOIN {0} t ON t.key = $1",
      table, column, beat_key, leader_timeline);
}

/// The timeline is asked for after the LSN: if it is still the old one, so is the log up to that LSN. `received_tli` is
/// shown to members of pg_read_all_stats; to others the last beat has to tell.
std::string progress(std::string_view table) {
  return fmt::format(
      "SELECT pg_is_in_recovery(), "
      "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END, "
      "CASE WHEN pg_is_in_recovery() THEN greatest((SELECT received_tli FROM pg_stat_get_wal_receiver()), "
      "(SELECT b.epoch FROM {0} b WHERE b.key = '{1}')) ELSE {2} END",
      table, beat_key, leader_timeline);
}

}  // namespace

Statements::Statements(const std::string& table, bool prepared, bool routed) {
  const auto make = [prepared](const char* name, std::string sql) {
    return Statement{prepared ? fmt::format("afterwrite_{}", name) : std::string(), std::move(sql)};
  };
  write = make("write", upsert(table, "value", "$2", "value = excluded.value, elements = NULL"));
  append = make("append", upsert(table, "elements", "ARRAY[$2::text]",
                                 "elements = t.elements || excluded.elements, value = NULL"));
  remove = make("remove", upsert(table, "value", "NULL", "value = NULL, elements = NULL"));
  read = make("read", postgres::read(table, "t.value", routed));
  read_list = make("read_list", postgres::read(table, "to_json(t.elements)", routed));
  insert_lsn = make("insert_lsn", "SELECT pg_current_wal_insert_lsn()");
  progress = make("progress", postgres::progress(table));
  local_only = make("local_only", "SELECT set_config('synchronous_commit', 'local', true)");
  beat = make("beat", fmt::format("UPDATE {} SET version = $1::bigint, epoch = {} WHERE key = '{}' RETURNING 1", table,
                                  leader_timeline, beat_key));
  touch_beat =
      make("touch_beat", fmt::format("UPDATE {} SET epoch = {} WHERE key = '{}'", table, leader_timeline, beat_key));
  read_beat = make("read_beat", fmt::format("SELECT version, epoch FROM {} WHERE key = '{}'", table, beat_key));
}

}  // namespace afterwrite::postgres
