// The 61 bytes of a batch header: where each field stands, and which headers are refused.

import Bytes
import Records
import Testing

@Suite("Batch header") struct RecordBatchHeaderTests {
  static let sample = RecordBatchHeader(
    baseOffset: 0x0102_0304_0506_0708, batchLength: 0x0010_1112, leaderEpoch: 0x2122_2324, crc: 0x3132_3334,
    attributes: BatchAttributes(rawValue: 0x0041), lastOffsetDelta: 0x5152_5354,
    baseTimestamp: 0x6162_6364_6566_6768, maxTimestamp: 0x7172_7374_7576_7778,
    producerID: 0x0182_8384_8586_8788, producerEpoch: 0x0192, baseSequence: 0x01a2_a3a4,
    recordCount: 0x01b2_b3b4)

  @Test func storesEveryFieldAtItsPlace() throws {
    #expect(
      Self.sample.bytes.hex
        == """
        0102030405060708 00101112 21222324 02 31323334 0041 51525354 6162636465666768 7172737475767778
        0182838485868788 0192 01a2a3a4 01b2b3b4
        """.filter { !$0.isWhitespace })
  }

  @Test func readsBackWhatItStores() throws {
    #expect(try RecordBatchHeader(parsing: Self.sample.bytes) == Self.sample)
  }

  @Test("Every prefix is too short", arguments: 0..<61)
  func shortHeader(count: Int) {
    #expect(throws: RecordError.truncated(needed: 61, got: count)) {
      try RecordBatchHeader(parsing: Self.sample.bytes.slice(from: 0, count: count))
    }
  }

  @Test("Format versions other than 2 are refused", arguments: [0, 1, 3, 255] as [UInt8])
  func wrongMagic(magic: UInt8) {
    var bytes = Self.sample.bytes
    bytes.withMutableReadableBytes { $0[16] = magic }
    #expect(throws: RecordError.wrongMagic(magic)) { try RecordBatchHeader(parsing: bytes) }
  }

  @Test(
    "A length below the header's or above the limit is refused",
    arguments: [Int32.min, -1, 0, 48, Int32(RecordLimits.batchBytesMaximum - 11), .max])
  func wrongLength(length: Int32) {
    var header = Self.sample
    header.batchLength = length
    #expect(throws: RecordError.lengthOutOfRange(length)) {
      try RecordBatchHeader(parsing: header.bytes)
    }
  }

  @Test func takesTheLargestLengthThereMayBe() throws {
    var header = Self.sample
    header.batchLength = Int32(RecordLimits.batchBytesMaximum - 12)
    #expect(
      try RecordBatchHeader(parsing: header.bytes).totalBytes == RecordLimits.batchBytesMaximum)
  }

  /// A name for what is wrong, the change, and what the message says.
  struct Wrong: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let says: String
    let change: @Sendable (inout RecordBatchHeader) -> Void

    init(_ name: String, says: String, _ change: @escaping @Sendable (inout RecordBatchHeader) -> Void) {
      testDescription = name
      self.says = says
      self.change = change
    }
  }

  static let wrongs = [
    Wrong("negative offset", says: "base offset -1") { $0.baseOffset = -1 },
    Wrong("negative delta", says: "last offset delta -1") { $0.lastOffsetDelta = -1 },
    Wrong("no room for the offsets", says: "leaves no room") { $0.baseOffset = .max - 1_000 },
    Wrong("next offset overflows", says: "leaves no room") {
      ($0.baseOffset, $0.lastOffsetDelta, $0.recordCount) = (.max, 0, 0)
    },
    Wrong("producer id", says: "producer id -2") { $0.producerID = -2 },
    Wrong("producer epoch", says: "producer epoch -2") { $0.producerEpoch = -2 },
    Wrong("sequence", says: "base sequence -2") { $0.baseSequence = -2 },
    Wrong("negative count", says: "-1 records") { $0.recordCount = -1 },
    Wrong("more records than offsets", says: "4 records") { ($0.recordCount, $0.lastOffsetDelta) = (4, 2) },
    Wrong("more records than fit", says: "8 records in 104 bytes") {
      ($0.recordCount, $0.batchLength, $0.attributes) = (8, 49 + 55, BatchAttributes())
    },
  ]

  @Test("Contradicting fields are refused", arguments: wrongs)
  func contradiction(wrong: Wrong) throws {
    var header = Self.sample
    wrong.change(&header)
    let error = #expect(throws: RecordError.self) { try RecordBatchHeader(parsing: header.bytes) }
    guard case .malformedHeader(let reason)? = error else {
      Issue.record("not a malformed header: \(String(describing: error))")
      return
    }
    #expect(reason.contains(wrong.says))
  }

  @Test func takesAsManyRecordsAsFit() throws {
    var header = Self.sample
    (header.recordCount, header.batchLength, header.attributes) = (8, 49 + 56, BatchAttributes())
    #expect(try RecordBatchHeader(parsing: header.bytes) == header)
  }

  @Test func takesABatchThatCompactionEmptied() throws {
    let header = RecordBatchHeader(
      baseOffset: 7, lastOffsetDelta: 9, baseTimestamp: 0, maxTimestamp: -1, recordCount: 0)
    #expect(try RecordBatchHeader(parsing: header.bytes) == header)
    #expect(header.nextOffset == 17)
  }

  @Test func derivesOffsetsAndLength() {
    let header = RecordBatchHeader(
      baseOffset: 100, batchLength: 60, lastOffsetDelta: 4, baseTimestamp: 0, maxTimestamp: 0, recordCount: 5)
    #expect(header.totalBytes == 72)
    #expect(header.lastOffset == 104)
    #expect(header.nextOffset == 105)
  }

  @Test(
    "After the largest sequence number comes zero",
    arguments: [
      (0, 0, 0), (5, 3, 8), (Int32.max, 0, Int32.max), (.max, 1, 0), (.max, 2, 1), (.max - 1, 5, 3),
      (.max, .max, .max - 1), (-1, 3, -1),
    ] as [(Int32, Int32, Int32)])
  func sequence(base: Int32, delta: Int32, last: Int32) {
    let header = RecordBatchHeader(
      baseOffset: 0, lastOffsetDelta: delta, baseTimestamp: 0, maxTimestamp: 0, baseSequence: base,
      recordCount: 0)
    #expect(header.lastSequence == last)
  }

  @Test func attributesHaveKafkasBits() {
    #expect(BatchAttributes().rawValue == 0)
    #expect(BatchAttributes(compression: .lz4).rawValue == 3)
    #expect(BatchAttributes(compression: .zstd).rawValue == 4)
    #expect(BatchAttributes(isLogAppendTime: true).rawValue == 8)
    #expect(BatchAttributes(isTransactional: true, isControl: true).rawValue == 0x30)
    var attributes = BatchAttributes(rawValue: 0xff80)
    (attributes.hasDeleteHorizon, attributes.compression) = (true, .zstd)
    #expect(attributes.rawValue == 0xffc4)
    #expect(!attributes.isControl && !attributes.isTransactional && !attributes.isLogAppendTime)
    (attributes.isControl, attributes.isTransactional, attributes.isLogAppendTime) = (true, true, true)
    (attributes.hasDeleteHorizon, attributes.compression) = (false, Compression.none)
    #expect(attributes.rawValue == 0xffb8)
  }

  @Test("Codes without a supported compression are known by number", arguments: [1, 2, 5, 6, 7] as [UInt16])
  func unsupported(code: UInt16) {
    #expect(BatchAttributes(rawValue: code).compression == nil)
    #expect(BatchAttributes(rawValue: code).compressionCode == UInt8(code))
  }
}
