// Records inside a batch: what is written, what comes back, and which bytes are refused.

import Bytes
import Records
import Testing

@Suite("Records") struct RecordTests {
  static func encoded(_ record: Record, timestampDelta: Int64, offsetDelta: Int32) -> ByteBuffer {
    var bytes = ByteBuffer()
    let count = RecordEncoding.byteCount(record, timestampDelta: timestampDelta, offsetDelta: offsetDelta)
    bytes.withWritableBytes(minimum: count) {
      RecordEncoding.encode(
        record, timestampDelta: timestampDelta, offsetDelta: offsetDelta, to: $0.baseAddress!)
    }
    #expect(bytes.count == count)
    return bytes
  }

  @Test(
    "A record is written byte by byte as the format says",
    arguments: [
      (Record(value: nil), 0, 0, "0c 00 00 00 01 01 00"),
      (Record("k", "v"), 0, 0, "10 00 00 00 02 6b 02 76 00"),
      (Record("", ""), -1, 1, "0c 00 01 02 00 00 00"),
      (Record(nil, "123"), 64, 63, "14 00 8001 7e 01 06 313233 00"),
      (
        Record(
          value: nil,
          headers: [RecordHeader(key: "h", value: nil), RecordHeader(key: "", value: ByteBuffer("x"))]),
        0, 64, "1a 00 00 8001 01 01 04 02 68 01 00 02 78"
      ),
      (Record(value: nil), Int64.min, Int32.max, "26 00 ffffffffffffffffff01 feffffff0f 01 01 00"),
    ] as [(Record, Int64, Int32, String)])
  func bytes(record: Record, timestampDelta: Int64, offsetDelta: Int32, hex: String) {
    let bytes = Self.encoded(record, timestampDelta: timestampDelta, offsetDelta: offsetDelta)
    #expect(bytes.hex == hex.filter { !$0.isWhitespace })
  }

  @Test(
    "A measured record fills its measure at every length of length",
    arguments: [0, 1, 5, 57, 58, 8_184, 8_185, 1 << 20])
  func measured(count: Int) throws {
    let record = Record(value: ByteBuffer(Array(repeating: 7, count: count)))
    let bytes = Self.encoded(record, timestampDelta: 0, offsetDelta: 0)
    let batch = try sealed(Self.header(count: 1), payload: bytes)
    #expect(try batch.records().map(\.record.value) == [record.value])
  }

  @Test func readsWhatAKafkaBrokerStored() throws {
    let batch = try RecordBatch(validating: ByteBuffer(hex: brokerBatchHex))
    #expect(batch.header.leaderEpoch == 1)
    #expect(batch.header.producerID == -1)
    let expected = Record(nil, "123", at: 1_503_229_838_908)
    #expect(try batch.records() == [StoredRecord(offset: 0, timestamp: 1_503_229_838_908, record: expected)])
  }

  @Test func writesWhatAKafkaBrokerStored() throws {
    let batch = try makeBatch([Record(nil, "123")], baseTimestamp: 1_503_229_838_908) { $0.leaderEpoch = 1 }
    #expect(try batch.bytes == ByteBuffer(hex: brokerBatchHex))
  }

  @Test(
    "Any records come back as they were, in any compression", arguments: Compression.allCases,
    0..<12 as Range<UInt64>)
  func roundTrip(compression: Compression, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    // The first one makes sure that the batch shrinks.
    let records =
      [Record(nil, String(repeating: "varve", count: 400), at: 0)]
      + (0..<Int.random(in: 0...60, using: &random)).map { _ in Record.random(using: &random) }
    let base = Int64.random(in: 0...1 << 60, using: &random)
    let batch = try makeBatch(records, baseOffset: base, compression: compression)
    let read = try RecordBatch(validating: batch.bytes)
    #expect(read.header == batch.header)
    let stored = try read.records()
    #expect(stored.map(\.record) == records)
    #expect(stored.map(\.offset) == records.indices.map { base + Int64($0) })
    #expect(stored.map(\.timestamp) == records.map(\.timestamp))
  }

  @Test func viewsShowTheSameAsOwnedRecords() throws {
    var random = SeededGenerator(seed: 61)
    let batch = try makeBatch((0..<200).map { _ in Record.random(using: &random) })
    let payload = try batch.payload()
    var owned: [StoredRecord] = []
    var iterator = RecordIterator(batch.header, payload: payload.readable)
    while let view = try iterator.next() {
      let copy = view.owned()
      #expect(copied(view.key) == copy.record.key)
      #expect(copied(view.value) == copy.record.value)
      var names: [RecordHeader] = []
      var headers = view.headers
      while let header = headers.next() {
        #expect(ByteBuffer(copying: header.key) == ByteBuffer(header.name))
        names.append(RecordHeader(key: header.name, value: copied(header.value)))
      }
      #expect(names == copy.record.headers)
      #expect(view.headerCount == names.count)
      owned.append(copy)
    }
    #expect(try owned == batch.records())
  }

  @Test func holesThatCompactionLeftAreSteppedOver() throws {
    let batch = try makeBatch([Record("a", "1"), Record("b", "2")], baseOffset: 50, deltas: [3, 90]) {
      $0.lastOffsetDelta = 100
    }
    let read = try RecordBatch(validating: batch.bytes)
    #expect(try read.records().map(\.offset) == [53, 140])
    #expect(read.header.nextOffset == 151)
  }

  @Test func anEmptiedBatchHasNoRecords() throws {
    let batch = try makeBatch([]) { $0.lastOffsetDelta = 4 }
    #expect(try RecordBatch(validating: batch.bytes).records().isEmpty)
  }

  @Test func withAppendTimeEveryRecordHasTheBatchsTime() throws {
    let batch = try makeBatch([Record("a", "1", at: 5), Record("b", "2", at: 9)]) {
      $0.attributes.isLogAppendTime = true
      $0.maxTimestamp = 77
    }
    #expect(try batch.records().map(\.timestamp) == [77, 77])
  }

  @Test func headerNamesThatAreNotTextAreStillReadable() throws {
    let payload = try ByteBuffer(hex: "16 00 00 00 01 01 02 04 ff68 02 78")
    let record = try #require(try sealed(Self.header(count: 1), payload: payload).records().first?.record)
    #expect(record.headers == [RecordHeader(key: "\u{fffd}h", value: ByteBuffer("x"))])
  }

  static func header(count: Int32, lastOffsetDelta: Int32? = nil) -> RecordBatchHeader {
    RecordBatchHeader(
      baseOffset: 0, lastOffsetDelta: lastOffsetDelta ?? max(count - 1, 0), baseTimestamp: 1_000,
      maxTimestamp: 1_000, recordCount: count)
  }

  /// How many records the header promises, the bytes, which record is wrong and what the message says.
  static let malformed: [(Int32, String, Int, String)] = [
    (1, "", 0, "its length is missing"),
    (1, "0a 00 00 00 01 01", 0, "its length is missing, too small"),
    (1, "0b 00 00 00 01 01 00", 0, "its length is missing, too small"),
    (1, "0e 00 00 00 01 01 00", 0, "more than the 7 bytes left"),
    (1, "80", 0, "its length is missing"),
    (1, "ffffffff7f 00 00 00 01 01 00", 0, "its length is missing"),
    (1, "80808080808080808080 00 00", 0, "its length is missing"),
    (1, "0c 00 80 80 80 80 80", 0, "its timestamp or offset delta is no varint"),
    (1, "1e 00 ffffffffffffffffff02 00 01 01 00 00", 0, "its timestamp or offset delta is no varint"),
    (1, "1e 00 feffffffffffffffff01 00 01 01 00 00", 0, "its timestamp does not fit"),
    (1, "16 00 00 8080808010 01 01 00 00", 0, "its timestamp or offset delta is no varint"),
    (1, "0c 00 00 01 01 01 00", 0, "offset delta -1 after -1"),
    (1, "0c 00 00 02 01 01 00", 0, "offset delta 1 after -1, of at most 0"),
    (2, "0c 00 00 00 01 01 00 0c 00 00 00 01 01 00", 1, "offset delta 0 after 0"),
    (1, "0c 00 00 00 03 01 00", 0, "its key is longer"),
    (1, "0c 00 00 00 06 01 00", 0, "its key is longer"),
    (1, "0c 00 00 00 80 80 80", 0, "its key is longer"),
    (1, "0c 00 00 00 01 03 00", 0, "its value is longer"),
    (1, "0c 00 00 00 01 04 00", 0, "its value is longer"),
    (1, "0c 00 00 00 02 61 00", 0, "its number of headers is missing"),
    (1, "0c 00 00 00 01 01 01", 0, "its number of headers is missing or negative"),
    (1, "0c 00 00 00 01 01 02", 0, "its headers are longer"),
    (1, "10 00 00 00 01 01 02 02 68", 0, "its headers are longer"),
    (1, "10 00 00 00 01 01 02 01 00", 0, "its headers are longer"),
    (1, "10 00 00 00 01 01 02 00 03", 0, "its headers are longer"),
    (1, "14 00 00 00 01 01 feffffff0f", 0, "its headers are longer"),
    (1, "0e 00 00 00 01 01 00 00", 0, "1 bytes follow its headers"),
    (1, "0c 00 00 00 01 01 00 00", 1, "1 bytes follow the last record"),
    (0, "0c 00 00 00 01 01 00", 0, "7 bytes follow the last record"),
    (2, "0c 00 00 00 01 01 00", 1, "its length is missing"),
  ]

  @Test("Malformed records are refused by number and reason", arguments: malformed)
  func refusal(count: Int32, hex: String, index: Int, says: String) throws {
    let batch = try sealed(Self.header(count: count), payload: ByteBuffer(hex: hex))
    let error = #expect(throws: RecordError.self) { try batch.records() }
    guard case .malformedRecord(let found, let reason)? = error else {
      Issue.record("not a malformed record: \(String(describing: error))")
      return
    }
    #expect(found == index)
    #expect(reason.contains(says), "\(reason)")
  }

  @Test func aRefusedRecordIsRefusedAgain() throws {
    let payload = try ByteBuffer(hex: "0c 00 00 00 01 01 00 0c 00 00 00 01 01 00")
    var iterator = RecordIterator(Self.header(count: 2), payload: payload.readable)
    var outcomes: [String] = []
    for _ in 0..<3 {
      do {
        outcomes.append(try iterator.next() == nil ? "end" : "record")
      } catch { outcomes.append(error.description) }
    }
    let refusal = "record 1 of the batch is malformed: offset delta 0 after 0, of at most 1"
    #expect(outcomes == ["record", refusal, refusal])
  }

  @Test(
    "Damaged records are refused or read, never more of them than promised", arguments: 0..<8 as Range<UInt64>
  )
  func damage(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let batch = try makeBatch((0..<20).map { _ in Record.random(using: &random) })
    var refused = 0
    for _ in 0..<200 {
      var payload = try batch.payload()
      payload.withMutableReadableBytes { bytes in
        for _ in 0..<3 {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
            UInt8(1) << UInt8.random(in: 0...7, using: &random)
        }
      }
      if Bool.random(using: &random) {
        payload.truncate(to: Int.random(in: 0...payload.count, using: &random))
      }
      var iterator = RecordIterator(batch.header, payload: payload.readable)
      var count = 0
      do {
        while let view = try iterator.next() {
          count += 1
          #expect(view.owned().offset <= batch.header.lastOffset)
        }
        #expect(count == 20)
      } catch {
        #expect(count < 20 || error.description.contains("follow the last record"))
        refused += 1
      }
    }
    #expect(refused > 50, "hardly any damage was seen")
  }
}
