// Loads the last offset of every key, once, when an append first names one.

import Bytes
import Records
import Runtime

extension Partition {
  /// Reads the partition through for its keys and hands them to the queue, which keeps them up to date from
  /// then on.
  func loadKeys() async throws(LogError) {
    let maximum = settings.keysMaximum
    // From here on the queue notes what comes; what was there before is read from the log.
    let isLoaded = queue.withLock { queue in
      if queue.keys == nil { queue.keys = KeyTable(keysMaximum: maximum) }
      return queue.keys?.isComplete ?? false
    }
    if isLoaded { return }
    try await sync()
    var loaded = try await shared.pool.perform {
      [self] () throws(LogError) in try readKeys(KeyTable(keysMaximum: maximum))
    }
    loaded.isComplete = true
    let before = loaded
    queue.withLock { queue in
      // Nil when the partition was opened again meanwhile: who waits asks once more.
      guard let later = queue.keys, !later.isComplete else { return }
      var all = before
      all.absorb(later)
      queue.keys = all
    }
  }

  private func readKeys(_ empty: KeyTable) throws(LogError) -> KeyTable {
    var table = empty
    var reader = try reader(from: .beginning)
    while let batch = try reader.next() {
      do throws(RecordError) {
        let payload = try batch.payload()
        var records = RecordIterator(batch.header, payload: payload.readable)
        while let record = try records.next() {
          if let key = record.key { table.note(key, at: record.offset) }
        }
      } catch {
        throw .record(id, LogOffset(batch.header.baseOffset), error)
      }
    }
    return table
  }
}
