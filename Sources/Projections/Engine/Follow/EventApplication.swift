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

  /// Applies the events of a run from one offset up to another, inside a transaction.
  func apply(
    _ run: EventRun<Applied.Event>, _ offsets: Range<Int64>, skips: SkipList, to tables: Tables
  ) async throws(DatabaseError) {
    var index = run.index(of: offsets.lowerBound)
    let end = run.index(of: offsets.upperBound)
    let skipped = skips.offsets(of: partition)
    for (after, note) in run.notes where offsets.contains(note.place.offset) {
      try await apply(run, index..<max(index, min(after, end)), skipped, tables)
      index = max(index, min(after, end))
      if !skipped.contains(note.place.offset) { try EngineTables.write(note, tables.writer) }
    }
    try await apply(run, index..<end, skipped, tables)
  }

  private func apply(
    _ run: EventRun<Applied.Event>, _ events: Range<Int>, _ skipped: Set<Int64>, _ tables: Tables
  ) async throws(DatabaseError) {
    var index = events.lowerBound
    while index < events.upperBound {
      var end = events.upperBound
      if !skipped.isEmpty {
        if skipped.contains(run.places[index].offset) {
          index += 1
          continue
        }
        end = index + 1
      }
      index = try projection.apply(run, index..<end, to: tables.writer)
      try await tables.settleIfFull()
    }
  }
}
