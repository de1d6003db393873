// Walking a segment's bytes batch by batch, for recovery, verification and readers. It reads nothing itself: it
// is shown bytes and says what they are, or how many it must see.

/// Says what stands at each position of a segment.
public struct BatchScanner: Sendable {
  /// What stands at a position.
  public enum Finding: Equatable, Sendable {
    /// A whole, sound batch of `byteCount` bytes; the caller goes on behind it.
    case batch(RecordBatchHeader, byteCount: Int)
    /// This many bytes from the position on must be visible to tell.
    case needBytes(Int)
    /// Nothing but zeros for a header's length, or to the end: room that was made and never written.
    case zeros
    /// No batch that may stand here.
    case invalid(RecordError)
  }

  /// Where the next batch may begin at the earliest; nil before the first if it may begin anywhere.
  public private(set) var expectedOffset: Int64?
  private let batchBytesMaximum: Int
  private let checksums: Bool

  /// A scanner that takes batches of at most `batchBytesMaximum` bytes.
  ///
  /// - Parameter expectedOffset: the lowest offset at which the first batch may begin; nil for any.
  public init(expectedOffset: Int64?, batchBytesMaximum: Int, checksums: Bool = true) {
    self.expectedOffset = expectedOffset
    self.batchBytesMaximum = batchBytesMaximum
    self.checksums = checksums
  }

  /// What `bytes`, which go on from the current position, begin with.
  ///
  /// Compaction leaves holes, so a batch may begin above the expected offset, never below.
  ///
  /// - Parameter atEnd: whether nothing follows `bytes`; an incomplete batch is then invalid. The caller
  ///   stops when nothing is left; asked about no bytes, the answer is that a batch is incomplete.
  public mutating func next(_ bytes: UnsafeRawBufferPointer, atEnd: Bool) -> Finding {
    let headerBytes = RecordBatchHeader.byteCount
    if !bytes.isEmpty && (bytes.count >= headerBytes || atEnd) {
      let seen = Swift.min(bytes.count, headerBytes)
      if Self.leadingZeros(UnsafeRawBufferPointer(rebasing: bytes.prefix(seen))) == seen { return .zeros }
    }
    if bytes.count < headerBytes && !atEnd { return .needBytes(headerBytes) }
    do throws(RecordError) {
      let header = try RecordBatchHeader(parsing: bytes)
      let byteCount = header.totalBytes
      if byteCount > batchBytesMaximum { throw .lengthOutOfRange(header.batchLength) }
      if let expectedOffset, header.baseOffset < expectedOffset {
        throw .offsetOutOfOrder(expected: expectedOffset, found: header.baseOffset)
      }
      if bytes.count < byteCount {
        if atEnd { throw .truncated(needed: byteCount, got: bytes.count) }
        return .needBytes(byteCount)
      }
      if checksums { try RecordBatch.check(header, bytes) }
      expectedOffset = header.nextOffset
      return .batch(header, byteCount: byteCount)
    } catch {
      return .invalid(error)
    }
  }

  /// How many of the first bytes are zero: tells room that was never written from damage that begins with
  /// zeros.
  public static func leadingZeros(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var index = 0
    while index + 8 <= bytes.count, base.loadUnaligned(fromByteOffset: index, as: UInt64.self) == 0 {
      index += 8
    }
    while index < bytes.count, base.load(fromByteOffset: index, as: UInt8.self) == 0 { index += 1 }
    return index
  }
}
