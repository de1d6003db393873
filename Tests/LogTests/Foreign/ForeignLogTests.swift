// Whole partitions and kafka-python, a client that shares no code with ours: it parses every segment that we
// write, index entries lead where its parser says they do, and a segment of its making opens as one of ours.

import Bytes
import Files
import Foundation
import Peers
import Records
import Testing

@testable import Log

@Suite("kafka-python and whole partitions") struct ForeignLogTests {
  /// Walks a partition's directory: one line a batch with its segment and position, one line a record, one line
  /// an index entry.
  private static let walking = """
    import os, struct, sys
    from kafka.record.memory_records import MemoryRecords

    def text(value):
        return '-' if value is None else 'x' + bytes(value).hex()

    folder = sys.stdin.read()
    for name in sorted(os.listdir(folder)):
        base, _, kind = name.partition('.')
        with open(os.path.join(folder, name), 'rb') as file:
            data = file.read()
        if kind == 'log':
            position, records = 0, MemoryRecords(data)
            for batch in records:
                assert batch.validate_crc(), (name, position)
                print('batch', int(base), position, batch.base_offset, batch.last_offset_delta,
                      batch.max_timestamp, batch.producer_id, batch.base_sequence)
                for record in batch:
                    print('record', record.offset, record.timestamp, text(record.key), text(record.value))
                position += 12 + struct.unpack_from('>i', data, position + 8)[0]
            assert position == len(data), (name, position, len(data))
        elif kind == 'index':
            for relative, position in struct.iter_unpack('>ii', data):
                print('index', int(base), relative, position)
        elif kind == 'timeindex':
            for timestamp, relative in struct.iter_unpack('>qi', data):
                print('timeindex', int(base), timestamp, relative)
    """

  private struct Batch {
    let segment: Int64
    let position: Int64
    let lastOffset: Int64
    let maxTimestamp: Int64
  }

  @Test(
    "what we write it reads, record for record, and our indexes lead to its batches",
    arguments: Compression.allCases)
  func itReadsOurs(_ compression: Compression) async throws {
    let folder = try TemporaryFolder()
    let fixture = try LogFixture(LocalFiles(), path: FilePath(folder.path) / "log")
    var settings = smallSegments(32 << 10)
    settings.compression = compression
    var expected: [String] = []
    try await fixture.withLog { log in
      let partition = try await log.createTopic(TopicName("events"), settings).partitions[0]
      for index in 0..<120 {
        let records = (0..<1 + index % 4).map {
          Record(
            "\(index)/\($0) " + String(repeating: "word ", count: index % 80),
            key: $0 == 1 ? "key \(index)" : nil,
            timestamp: 1_700_000_000_000 + Int64(index * 7 % 100))
        }
        let producer = index % 5 == 0 ? ProducerStamp(id: Int64(index), sequence: 0) : nil
        try await partition.append(records, AppendOptions(producer: producer))
      }
      try await partition.append([Record(key: ByteBuffer("gone"), value: nil, timestamp: 1_700_000_000_500)])
      for stored in try partition.contents() {
        func text(_ bytes: ByteBuffer?) -> String {
          bytes.map { bytes in
            "x" + bytes.withReadableBytes { $0.map { String(format: "%02x", $0) }.joined() }
          } ?? "-"
        }
        expected.append(
          "record \(stored.offset) \(stored.timestamp) \(text(stored.record.key)) \(text(stored.record.value))"
        )
      }
      if compression == .none { #expect(partition.table.segments.count > 1) }
    }
    let lines = try ForeignProgram.python(Self.walking, input: "\(folder.path)/log/events-0")
      .split(separator: "\n").map(String.init)
    #expect(lines.filter { $0.hasPrefix("record") } == expected)

    let batches: [Batch] = try lines.filter { $0.hasPrefix("batch") }.map { line in
      let numbers = try line.split(separator: " ").dropFirst().map { try #require(Int64($0)) }
      return Batch(
        segment: numbers[0], position: numbers[1], lastOffset: numbers[2] + numbers[3],
        maxTimestamp: numbers[4])
    }
    var entries = 0
    for line in lines where line.hasPrefix("index") || line.hasPrefix("timeindex") {
      let numbers = try line.split(separator: " ").dropFirst().map { try #require(Int64($0)) }
      let own = batches.filter { $0.segment == numbers[0] }
      if line.hasPrefix("index") {
        #expect(
          own.contains { $0.lastOffset - $0.segment == numbers[1] && $0.position == numbers[2] }, "\(line)")
      } else {
        #expect(
          own.contains { $0.lastOffset - $0.segment == numbers[2] && $0.maxTimestamp == numbers[1] },
          "\(line)")
        #expect(
          own.filter { $0.lastOffset - $0.segment < numbers[2] }.allSatisfy { $0.maxTimestamp < numbers[1] })
      }
      entries += 1
    }
    #expect(entries >= Set(batches.map(\.segment)).count)
    for segment in Set(batches.map(\.segment)) {
      // The last entry of a time index says how late the segment's records are, as Kafka's does.
      let latest = batches.filter { $0.segment == segment }.map(\.maxTimestamp).max()
      let last = lines.last { $0.hasPrefix("timeindex \(segment) ") }?.split(separator: " ")[2]
      #expect(last.flatMap { Int64($0) } == latest)
    }
  }

  /// Makes a partition's directory of two segments; compression is the argument.
  private static let writing = """
    import os, sys
    from kafka.record.memory_records import MemoryRecordsBuilder
    import struct

    compression, folder = int(sys.argv[1]), sys.stdin.read()
    offset = 0
    for segment in range(2):
        with open(os.path.join(folder, '%020d.log' % offset), 'wb') as file:
            for batch in range(30):
                builder = MemoryRecordsBuilder(2, compression, 1 << 20)
                for index in range(5):
                    number = offset + index
                    assert builder.append(1700000000000 + number, b'key %d' % (number % 7),
                                          b'value %d ' % number + b'.' * 100, []) is not None
                builder.close()
                data = bytearray(builder.records()._buffer)
                # A producer numbers each batch from 0; the broker fills in the offset, which no checksum covers.
                struct.pack_into('>q', data, 0, offset)
                struct.pack_into('>i', data, 12, 0)
                file.write(data)
                offset += 5
    """

  @Test(
    "segments of its making open as ours, are read, looked up and appended to",
    arguments: Compression.allCases)
  func weOpenTheirs(_ compression: Compression) async throws {
    let folder = try TemporaryFolder()
    let fixture = try LogFixture(LocalFiles(), path: FilePath(folder.path) / "log")
    let id = PartitionID(try TopicName("events"), 0)
    try await fixture.withLog { try await $0.createTopic(id.topic, smallSegments(64 << 10)) }
    let directory = "\(folder.path)/log/events-0"
    for entry in try LocalFiles().list(FilePath(directory)) where !entry.name.hasPrefix("partition") {
      try LocalFiles().remove(FilePath(directory) / entry.name)
    }
    _ = try ForeignProgram.python(Self.writing, ["\(compression.rawValue)"], input: directory)
    for life in Int64(0)..<2 {
      try await fixture.withLog { log in
        let partition = try log.partition(id)
        #expect(partition.standing == .open)
        #expect(partition.table.segments.count == 2)
        let records = try partition.contents()
        #expect(records.prefix(300).map(\.offset) == Array(0..<300))
        for record in records.prefix(300) { #expect(record.text.hasPrefix("value \(record.offset) ")) }
        #expect(try partition.reader(from: .time(1_700_000_000_123)).nextOffset == 123)
        var reader = try partition.reader(from: .offset(207))
        #expect(try reader.next()?.header.baseOffset == 205)
        let receipt = try await partition.append(
          Record("ours", key: "key 6"),
          AppendOptions(conditions: [
            .lastOffset(life == 0 ? LogOffset(293) : LogOffset(300), ofKey: ByteBuffer("key 6"))
          ]))
        #expect(receipt.first.value == 300 + life)
      }
    }
  }
}
