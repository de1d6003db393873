// What compaction leaves of batches: tombstones and their time to live, producers, compression, and what it
// does not understand.

import Bytes
import Files
import Records
import Testing

@testable import Log

@Suite("Compacted batches")
struct CompactedBatchTests {
  private static let day: Int64 = 86_400_000

  private static func tombstone(_ key: String, timestamp: Int64? = nil) -> Record {
    Record(key: ByteBuffer(key), value: nil, headers: [], timestamp: timestamp)
  }

  private static func headers(_ table: SegmentTable) throws -> [RecordBatchHeader] {
    var options = BatchReader.Options()
    options.controlBatches = true
    var reader = try BatchReader(table, from: table.extent(.written).first, options: options)
    var headers: [RecordBatchHeader] = []
    while let batch = try reader.next() { headers.append(batch.header) }
    return headers
  }

  @Test(
    "a tombstone outlives what it deletes by its time to live, counted from the pass that met it",
    arguments: Compression.allCases)
  func tombstones(_ compression: Compression) throws {
    let filling = String(repeating: "y", count: 100)
    let partition = try BarePartition(
      [
        [.init(records: [Record(filling, key: "a"), Record(filling, key: "b")], compression: compression)],
        [
          .init(
            records: [
              Self.tombstone("a", timestamp: 5), Record(filling + filling, key: "c", timestamp: 77),
              Self.tombstone("never", timestamp: 6),
            ], compression: compression)
        ],
      ], settings: CompactionTests.settings())
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    let first: Int64 = 10 * Self.day
    let expected = CompactionTests.model(partition.records, before: 5)
    #expect(expected.map(\.offset) == [1, 2, 3, 4, 5])
    try CompactionTests.run(partition, on: table, &memory, now: first)
    #expect(try table.contents() == expected)
    #expect(try Self.headers(table)[1].attributes.hasDeleteHorizon)
    #expect(try Self.headers(table)[1].baseTimestamp == first + Self.day)
    #expect(try Self.headers(table)[0].attributes.compression == compression)
    // Not a moment early, and the time does not begin anew.
    try CompactionTests.run(partition, on: table, &memory, now: first + Self.day - 1)
    #expect(try table.contents() == expected)
    try CompactionTests.run(partition, on: table, &memory, now: first + Self.day)
    #expect(try table.contents().map(\.offset) == [1, 3, 5])
    #expect(try table.contents() == expected.filter { $0.offset != 2 && $0.offset != 4 })
  }

  @Test("a tombstone stays until the lowest position is past it, and the report says whose that is")
  func heldTombstones() throws {
    let partition = try BarePartition(
      [
        [.init(records: [Record("1", key: "a"), Record("1", key: "b")])],
        [.init(records: [Self.tombstone("a")]), .init(records: [Self.tombstone("b")])],
      ], settings: CompactionTests.settings())
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    try CompactionTests.run(partition, on: table, &memory, now: 0)
    let lowest = try position("slow", 3)
    var part = try CompactionTests.run(partition, on: table, &memory, now: 2 * Self.day, lowest: lowest)
    #expect(part.heldBackTombstones == 1)
    #expect(part.heldBack == HoldBack(lowest))
    #expect(try table.contents().map(\.offset) == [3, 4])
    part = try CompactionTests.run(
      partition, on: table, &memory, now: 2 * Self.day, lowest: try position("slow", 4))
    #expect(part.heldBackTombstones == 0)
    #expect(part.heldBack == nil)
    #expect(try table.contents().map(\.offset) == [4])
    // The last batch before the next segment says where the segment ends, though it has no records.
    #expect(try Self.headers(table).map(\.recordCount) == [0, 1])
    #expect(try Self.headers(table).map(\.nextOffset) == [4, 5])
  }

  @Test("what the partition remembers of a producer can still be read from the segments")
  func producers() throws {
    func stamp(_ id: Int64, _ sequence: Int32) -> ProducerStamp { ProducerStamp(id: id, sequence: sequence) }
    var partition = try BarePartition(
      [
        [
          .init(records: [Record("1", key: "a"), Record("1", key: "b")], stamp: stamp(7, 0)),
          .init(records: [Record("2", key: "a")], stamp: stamp(8, 0)),
        ],
        [.init(records: [Record("3", key: "a"), Record("3", key: "b")], stamp: stamp(8, 1))],
        [.init(records: [Record("4", key: "a"), Record("4", key: "b")])],
      ], settings: CompactionTests.settings())
    partition.settings.producersMaximum = 10
    let before = try partition.recover(partition.files.copy()).producers
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    _ = try PartitionCompaction(
      table: table, settings: partition.settings, now: 0, lowest: nil, producers: before, keysMaximum: 10,
      isAskedFor: true
    ).run(&memory)
    #expect(try table.contents() == CompactionTests.model(partition.records, before: 7))
    let after = try partition.recover(partition.files.copy()).producers
    #expect(after.snapshot == before.snapshot)
    for (stamp, count) in [(stamp(7, 0), 2), (stamp(8, 0), 1), (stamp(8, 1), 2), (stamp(8, 3), 1)] {
      #expect(after.judge(stamp, count: count) == before.judge(stamp, count: count))
    }
  }

  @Test("headers and empty values are kept, and keys that are empty are keys")
  func contents() throws {
    var records = [
      Record("1", key: ""), Record("", key: "empty"), Record("old", key: "h"),
      Record(
        key: ByteBuffer("h"), value: ByteBuffer("new"),
        headers: [
          RecordHeader(key: "ce_type", value: ByteBuffer("t")), RecordHeader(key: "none", value: nil),
          RecordHeader(key: "ce_type", value: ByteBuffer()),
        ], timestamp: -5),
    ]
    records.append(Self.tombstone("gone", timestamp: 1 << 50))
    let partition = try BarePartition(
      [[.init(records: records)], [.init(records: [Record("2", key: "")])]],
      settings: CompactionTests.settings())
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    try CompactionTests.run(partition, on: table, &memory)
    #expect(try table.contents() == CompactionTests.model(partition.records, before: 6))
    #expect(try table.contents().map(\.offset) == [1, 3, 4, 5, 6])
  }

  @Test("records without a key from before the topic was compacted stay")
  func withoutKeys() throws {
    let partition = try BarePartition(
      [[.init(records: [Record("1"), Record("1", key: "a"), Record("2"), Record("2", key: "a")])]],
      settings: CompactionTests.settings())
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    try CompactionTests.run(partition, on: table, &memory)
    #expect(try table.contents().map(\.offset) == [0, 2, 3, 4])
  }

  @Test("a topic that is no longer compacted opens as before, its indexes lost or not")
  func noLongerCompacted() throws {
    var partition = try CompactionTests.partition()
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    try CompactionTests.run(partition, on: table, &memory)
    let expected = try table.contents()
    partition.settings.cleanup = .delete
    for isLost in [false, true] {
      let files = partition.files.copy()
      if isLost {
        for entry in try files.list("/log/events-0") where entry.name.hasSuffix("index") {
          try files.remove("/log/events-0" / entry.name)
        }
      }
      let recovered = try partition.recover(files)
      #expect(recovered.damage == nil)
      #expect(try partition.contents(recovered, on: files) == expected)
    }
  }

  @Test("nothing is concluded from transactions, and nothing of them is changed")
  func transactions() throws {
    var keys = CompactionKeys(keysMaximum: 10)
    let key = ByteBuffer("a")
    let isNoted = keys.note(key.readable, at: 100)
    #expect(isNoted)
    var filter = BatchFilter(
      keys: keys, end: 200, now: 0, tombstoneMilliseconds: 0, floor: .max,
      producers: ProducerTable(entriesMaximum: 1))
    for (isTransactional, isControl, isChanged) in [
      (false, false, true), (true, false, false), (true, true, false), (false, true, false),
    ] {
      let record = Record("1", key: "a")
      let count = RecordEncoding.byteCount(record, timestampDelta: 0, offsetDelta: 0)
      var header = RecordBatchHeader(
        baseOffset: 5,
        attributes: BatchAttributes(isTransactional: isTransactional, isControl: isControl),
        lastOffsetDelta: 0, baseTimestamp: 0, maxTimestamp: 0, recordCount: 1)
      var bytes = ByteBuffer()
      bytes.withWritableBytes(minimum: 61 + count) { memory in
        _ = RecordEncoding.encode(
          record, timestampDelta: 0, offsetDelta: 0, to: memory.baseAddress! + 61)
        BatchSealing.seal(&header, recordBytes: count, at: memory.baseAddress!)
        return 61 + count
      }
      let verdict = try filter.judge(
        try RecordBatch(validating: bytes), mustStay: false, bytesMaximum: .max)
      switch verdict {
      case .gone: #expect(isChanged)
      case .unchanged: #expect(!isChanged)
      case .changed: Issue.record("a batch of one record stays or goes")
      }
    }
  }
}
