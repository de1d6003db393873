// Events into tables: the one way, for live traffic, for catching up and for replay. That is what makes live equal
// replayed.

import Bytes
import Database
import Log
import Records

/// Applies the events of one partition to a projection's tables.
struct EventApplication<Applied: Projection> {
  let projection: Applied
  let partition: PartitionID

  /// Applies one event, inside a transaction.
  func apply(_ event: ReadEvent<Applied.Event>, to tables: TableWriter) throws(DatabaseError) {
    if case .event(let content) = event.content {
      try projection.apply(content, at: event.place, to: tables)
    }
    if let command = event.command, let reply = event.reply {
      try EngineTables.note(reply, to: command, at: event.place, tables)
    }
    try EngineTables.prune(at: event.place, tables)
  }
}
