#pragma once

#include <string>

#include "adapters/postgres/server_connection.hpp"

namespace afterwrite::postgres {

/// The row that beats are written to; its `version` is the number.
inline constexpr std::string_view beat_key = "afterwrite beat";

/// What the run says to its own table. Columns:
///   key      text, primary key
///   value    text, see scalars.hpp; null where nothing is there
///   elements text[], of a list
///   version  bigint, one more with every write to the key, deletes included
///   epoch    int, the timeline of the write: a row that survived a failover keeps that of its writer
struct Statements {
  /// `table` needs no quoting. `prepared` names the statements, so that each is parsed once a connection; a pooler
  /// behind one endpoint may not bear that. `routed`: somebody behind that endpoint decides by the statement where it
  /// goes, so reads call no function: pgpool sends whatever calls a volatile one to the leader.
  Statements(const std::string& table, bool prepared, bool routed);

  Statement write;       ///< key, value -> version, epoch
  Statement append;      ///< key, element -> version, epoch
  Statement remove;      ///< key -> version, epoch; leaves a row without a value, so that versions go on
  Statement read;        ///< key -> value, version, epoch, in recovery, LSN, timeline
  Statement read_list;   ///< the same with the elements as a JSON array
  Statement insert_lsn;  ///< -> where the log ends on a leader
  Statement progress;    ///< -> in recovery, LSN applied, timeline
  Statement local_only;  ///< makes the commit of this transaction wait for nobody
  Statement beat;        ///< number -> 1
  Statement touch_beat;  ///< writes the beat's row anew, in the present epoch, with its number unchanged
  Statement read_beat;   ///< -> number, epoch
};

}  // namespace afterwrite::postgres
