// A log with a ledger's topic in it, filled as quickly as it takes, and the threads that everything runs on.

import Bytes
import Files
import Log
import LogEvents
import Projections
import Records
import Runtime
import Telemetry
import Wire

/// A log under measurement.
struct LedgerLog: Sendable {
  let group: EventLoopGroup
  let log: EventLog
  let ledger: Ledger

  /// Makes a log in a new directory.
  init(at path: FilePath) async throws {
    let group = try EventLoopGroup(.init(loops: 1))
    let topic = try TopicName("ledger")
    log = try await EventLog.open(
      .init(path: path), files: LocalFiles(), pool: group.pool, registry: MetricRegistry())
    _ = try await log.createTopic(topic, TopicSettings())
    self.group = group
    ledger = Ledger(topic: topic)
  }

  var partition: Partition {
    get throws { try log.topic(ledger.topic).partitions[0] }
  }

  /// Appends entries, so many in a batch, as so many callers at once leave them.
  func fill(_ entries: Int, batch: Int = 64) async throws {
    let partition = try partition
    let type = RecordHeader(
      key: "ce_type",
      value: ByteBuffer(
        try EventTypeName(messageName: Varve_Testing_Ledger_V1_EntryPosted.protoMessageName).description))
    var next = partition.nextOffset.value
    let end = next + Int64(entries)
    while next < end {
      var records: [Record] = []
      for number in next..<min(next + Int64(batch), end) {
        let entry = Varve_Testing_Ledger_V1_EntryPosted(number: number)
        records.append(
          Record(
            key: ByteBuffer(entry.account), value: try entry.serializedBytes(), headers: [type],
            timestamp: 1_700_000_000_000 + number))
      }
      try await partition.append(records, .written)
      next += Int64(records.count)
    }
    try await partition.sync()
  }

  func close() async throws {
    try await log.close()
    await group.shutdown()
  }
}
