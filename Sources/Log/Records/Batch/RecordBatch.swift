// A whole batch as it is stored and sent, header and records, sharing the buffer it was read into.

public import Bytes
import Wire

/// One batch.
public struct RecordBatch: Sendable {
  /// Its header.
  public let header: RecordBatchHeader
  /// All of its bytes, the header's included.
  public let bytes: ByteBuffer

  /// The batch that `bytes` are, to the last byte; header and checksum are checked, records are not.
  public init(validating bytes: ByteBuffer) throws(RecordError) {
    header = try RecordBatchHeader(parsing: bytes.readable)
    if bytes.count < header.totalBytes { throw .truncated(needed: header.totalBytes, got: bytes.count) }
    if bytes.count > header.totalBytes {
      throw .malformedHeader("\(bytes.count - header.totalBytes) bytes follow the batch")
    }
    self.bytes = bytes
    let header = header
    try bytes.withReadableBytes { bytes throws(RecordError) in try Self.check(header, bytes) }
  }

  /// A batch that was checked before.
  public init(trusted header: RecordBatchHeader, bytes: ByteBuffer) {
    precondition(bytes.count == header.totalBytes, "a batch is as long as its header says")
    self.header = header
    self.bytes = bytes
  }

  /// Whether the checksum in `header` is that of `bytes`, which are the whole batch.
  public static func checksumIsRight(_ header: RecordBatchHeader, _ bytes: UnsafeRawBufferPointer) -> Bool {
    checksum(header, bytes) == header.crc
  }

  /// Throws if the checksum in `header` is not that of `bytes`, which are the whole batch.
  static func check(_ header: RecordBatchHeader, _ bytes: UnsafeRawBufferPointer) throws(RecordError) {
    let computed = checksum(header, bytes)
    if computed != header.crc { throw .checksumMismatch(expected: header.crc, computed: computed) }
  }

  private static func checksum(_ header: RecordBatchHeader, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    precondition(bytes.count >= header.totalBytes, "a checksum needs the whole batch")
    return CRC32C.checksum(
      of: UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.checksummedFrom..<header.totalBytes]))
  }

  /// The records, uncompressed: a slice of `bytes` when they are stored so.
  public func payload(
    bytesMaximum: Int = RecordLimits.payloadBytesMaximum
  ) throws(RecordError) -> ByteBuffer {
    let stored = bytes.slice(
      from: RecordBatchHeader.byteCount, count: header.totalBytes - RecordBatchHeader.byteCount)
    guard let compression = header.attributes.compression else {
      throw .unsupportedCompression(header.attributes.compressionCode)
    }
    if compression == .none { return stored }
    return try stored.withReadableBytes { source throws(RecordError) in
      try Decompression.records(compression, source, bytesMaximum: bytesMaximum)
    }
  }

  /// Every record, their bytes being slices of one buffer. Control batches give their control records.
  public func records() throws(RecordError) -> [StoredRecord] {
    let payload = try payload()
    var records: [StoredRecord] = []
    // The number in the header is believed as far as the bytes can bear it out.
    records.reserveCapacity(
      Swift.min(Int(header.recordCount), payload.count / RecordEncoding.byteCountMinimum))
    var iterator = RecordIterator(header, payload: payload.readable)
    while let view = try iterator.next() { records.append(view.owned(slicing: payload)) }
    return records
  }
}
