// Making batches and records for tests, right ones and wrong ones.

import Bytes
import Records
import Testing
import Wire

extension ByteBuffer {
  /// The bytes that `hex` spells, white space ignored.
  init(hex: String) throws { self = try Hex.decode(hex.filter { !$0.isWhitespace }) }

  /// The bytes in hex.
  var hex: String { Hex.encode(readable) }
}

// A span of a temporary buffer as the argument of a throwing call makes the compiler write a broken module
// (Swift 6.3.1, "Instruction does not dominate all uses"); a buffer with a name does not.
extension RecordBatchHeader {
  init(parsing buffer: ByteBuffer) throws { try self.init(parsing: buffer.readable) }
}

extension LeaderEpochCheckpoint {
  static func parse(_ buffer: ByteBuffer) throws -> Self { try parse(buffer.readable) }
}

extension PartitionMetadata {
  static func parse(_ buffer: ByteBuffer) throws -> Self { try parse(buffer.readable) }
}

extension ProducerSnapshot {
  static func parse(_ buffer: ByteBuffer) throws -> Self { try parse(buffer.readable) }
}

/// The CRC-32C of the bytes.
func checksum(of buffer: ByteBuffer) -> UInt32 { CRC32C.checksum(of: buffer.readable) }

/// The span's bytes, which may be none at all.
func copied(_ span: RawSpan?) -> ByteBuffer? {
  guard let span else { return nil }
  return ByteBuffer(copying: span)
}

/// One batch of `records`, the first at `baseOffset`, the others right behind or at `deltas`.
func makeBatch(
  _ records: [Record], baseOffset: Int64 = 0, baseTimestamp: Int64 = 1_000, deltas: [Int32]? = nil,
  compression: Compression = .none, context: CompressionContext = CompressionContext(),
  _ change: (inout RecordBatchHeader) -> Void = { _ in }
) throws -> RecordBatch {
  let deltas = deltas ?? records.indices.map(Int32.init)
  var payload = ByteBuffer()
  for (record, delta) in zip(records, deltas) {
    let timestampDelta = (record.timestamp ?? baseTimestamp) - baseTimestamp
    let count = RecordEncoding.byteCount(record, timestampDelta: timestampDelta, offsetDelta: delta)
    payload.withWritableBytes(minimum: count) { room in
      let written = RecordEncoding.encode(
        record, timestampDelta: timestampDelta, offsetDelta: delta, to: room.baseAddress!)
      #expect(written == count)
      return written
    }
  }
  var header = RecordBatchHeader(
    baseOffset: baseOffset, attributes: BatchAttributes(compression: compression),
    lastOffsetDelta: deltas.last ?? 0, baseTimestamp: baseTimestamp,
    maxTimestamp: records.map { $0.timestamp ?? baseTimestamp }.max() ?? -1, recordCount: Int32(records.count)
  )
  if compression != .none {
    payload = try #require(try compressed(payload, compression, context), "these records do not shrink")
  }
  change(&header)
  return try sealed(header, payload: payload)
}

/// The batch of that header and those stored records, whatever they are.
func sealed(_ header: RecordBatchHeader, payload: ByteBuffer) throws -> RecordBatch {
  var header = header
  var bytes = ByteBuffer()
  bytes.append(repeating: 0, count: RecordBatchHeader.byteCount)
  bytes.append(payload)
  bytes.withMutableReadableBytes {
    BatchSealing.seal(&header, recordBytes: payload.count, at: $0.baseAddress!)
  }
  return RecordBatch(trusted: header, bytes: bytes)
}

/// `payload` compressed; nil when it does not shrink.
func compressed(
  _ payload: ByteBuffer, _ compression: Compression, _ context: CompressionContext = CompressionContext()
) throws -> ByteBuffer? {
  var target = ByteBuffer()
  var count: Int?
  let bound = BatchSealing.bound(compression, recordBytes: payload.count)
  try target.withWritableBytes(minimum: bound) { room throws(RecordError) in
    count = try payload.withReadableBytes { source throws(RecordError) in
      try BatchSealing.compress(compression, records: source, into: room, context: context)
    }
    return count ?? 0
  }
  return count == nil ? nil : target
}

extension Record {
  /// A record of texts.
  init(_ key: String?, _ value: String?, at timestamp: Int64? = nil) {
    self.init(key: key.map { ByteBuffer($0) }, value: value.map { ByteBuffer($0) }, timestamp: timestamp)
  }

  /// Any record: null, empty and long fields, headers of odd names, timestamps before and after the base.
  static func random(using random: inout SeededGenerator) -> Record {
    let headers = (0..<[0, 0, 1, 3, 70].randomElement(using: &random)!).map { _ in
      RecordHeader(
        key: ["", "a", "ce_type", "ключ", "𐅑"].randomElement(using: &random)!,
        value: randomBytes(longest: 100, using: &random))
    }
    return Record(
      key: randomBytes(longest: 70, using: &random), value: randomBytes(longest: 3_000, using: &random),
      headers: headers, timestamp: Int64.random(in: -500...1 << 41, using: &random))
  }

  private static func randomBytes(longest: Int, using random: inout SeededGenerator) -> ByteBuffer? {
    let count = [-1, 0, 1, 63, 64, longest].randomElement(using: &random)!
    if count < 0 { return nil }
    // Few different bytes, so that they compress.
    return ByteBuffer((0..<count).map { _ in UInt8.random(in: 0...3, using: &random) })
  }
}

extension RecordBatch {
  /// The records as they were given, offsets left out.
  func contents() throws -> [Record] { try records().map(\.record) }
}

extension RecordBatchHeader {
  /// The 61 bytes.
  var bytes: ByteBuffer {
    var bytes = ByteBuffer()
    bytes.withWritableBytes(minimum: Self.byteCount) { room in
      store(to: room.baseAddress!)
      return Self.byteCount
    }
    return bytes
  }
}

/// The batch of one record with the value "123" that a Kafka broker 0.11 stored.
let brokerBatchHex = """
  0000000000000000 0000003b 00000001 02 0318a270 0000 00000000 0000015dff7b063c 0000015dff7b063c
  ffffffffffffffff ffff ffffffff 00000001 12 00 00 00 01 06 313233 00
  """
