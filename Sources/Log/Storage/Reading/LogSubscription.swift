// A reader for tasks: gives batches as they become durable and sleeps at the end until there are more. What the
// page cache holds is read on the spot; what may have to come from a disk is read by the pool.

import Bytes
import Files
public import Records
import Runtime
import Telemetry

/// A subscription to one partition.
public struct LogSubscription: Sendable {
  var reader: BatchReader
  let partition: Partition

  init(_ reader: BatchReader, of partition: Partition) {
    self.reader = reader
    self.partition = partition
  }

  /// The offset of the next batch, or inside it.
  public var nextOffset: LogOffset { reader.nextOffset }

  /// The next batch, when there is one; waits for it. Throws `LogError.cancelled` when the task is cancelled,
  /// and `LogError.closed` when the log is closed and there is nothing left to read.
  public mutating func next() async throws(LogError) -> RecordBatch {
    while true {
      if let batch = try await nextIfAny() { return batch }
      try await partition.table.awaitRecords(from: reader.nextOffset, reader.options.isolation)
    }
  }

  /// The next batch; nil at the end.
  public mutating func nextIfAny() async throws(LogError) -> RecordBatch? {
    let batch: RecordBatch?
    if reader.canReadInline(partition.table) {
      batch = try reader.next()
    } else {
      let partition = partition
      let before = reader
      let (after, found) = try await partition.shared.pool.perform { () throws(LogError) in
        var reader = before
        let batch = try reader.next()
        return (reader, batch)
      }
      reader = after
      batch = found
    }
    if let batch {
      partition.counts.recordsOut.increment(by: UInt64(batch.header.recordCount))
      partition.counts.bytesOut.increment(by: UInt64(batch.bytes.count))
    }
    return batch
  }
}
