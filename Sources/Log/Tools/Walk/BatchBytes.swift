// Looking at bytes that may be a batch.

import Bytes
import Files
import Glibc
import Records

/// Tells batches from other bytes.
enum BatchBytes {
  /// The header that the bytes begin with; nil when they do not.
  static func header(_ bytes: ByteBuffer) -> RecordBatchHeader? {
    do throws(RecordError) {
      return try bytes.withReadableBytes { bytes throws(RecordError) in
        try RecordBatchHeader(parsing: bytes)
      }
    } catch {
      return nil
    }
  }

  /// What is wrong with the records of a batch whose checksum is right; nil when nothing is.
  static func objection(to batch: RecordBatch) -> RecordError? {
    do throws(RecordError) {
      let payload = try batch.payload()
      var records = RecordIterator(batch.header, payload: payload.readable)
      while try records.next() != nil {}
      return nil
    } catch {
      return error
    }
  }
}

/// Looks for the next batch behind bytes that are none.
struct BatchSearch {
  /// The lowest offset it may have.
  let expected: Int64
  /// The first offset that it may not have any more.
  let bound: Int64
  /// How many bytes may still be checksummed: bytes made to look like headers must not take for ever.
  private var checksumBytesLeft: Int

  /// Where the version stands in a batch: one byte that is always the same.
  private static let magicPosition = 16
  private static let magic: Int32 = 2
  /// How often over, at least, a file may be checksummed in search.
  private static let checksumPasses = 8
  private static let checksumBytesMinimum = 64 << 20

  init(expected: Int64, bound: Int64, fileBytes: Int) {
    self.expected = expected
    self.bound = bound
    checksumBytesLeft = max(Self.checksumBytesMinimum, fileBytes * Self.checksumPasses)
  }

  /// The position of the next whole batch at or after `start`; nil when there is none, or it was looked for too
  /// long.
  mutating func run(_ bytes: inout SegmentBytes, from start: Int) throws(FileError) -> Int? {
    let headerBytes = RecordBatchHeader.byteCount
    var position = start
    while bytes.count - position >= headerBytes && checksumBytesLeft > 0 {
      let window = try bytes.window(at: position, minimum: headerBytes)
      if window.count < headerBytes { return nil }
      guard let candidate = Self.candidate(in: window) else {
        position += window.count - headerBytes + 1
        continue
      }
      position += candidate
      if try isBatch(&bytes, at: position) { return position }
      position += 1
    }
    return nil
  }

  /// Whether a whole, sound batch with a fitting offset stands at `position`.
  mutating func isBatch(_ bytes: inout SegmentBytes, at position: Int) throws(FileError) -> Bool {
    guard let header = BatchBytes.header(try bytes.window(at: position, minimum: RecordBatchHeader.byteCount))
    else { return false }
    guard header.baseOffset >= expected, header.nextOffset <= bound,
      header.totalBytes <= bytes.count - position
    else { return false }
    checksumBytesLeft -= header.totalBytes
    let window = try bytes.window(at: position, minimum: header.totalBytes)
    return window.count >= header.totalBytes
      && window.withReadableBytes { RecordBatch.checksumIsRight(header, $0) }
  }

  /// The first place in `window` where the version of a batch is right, and a whole header is visible.
  private static func candidate(in window: ByteBuffer) -> Int? {
    window.withReadableBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let places = bytes.count - RecordBatchHeader.byteCount + 1
      guard places > 0, let found = memchr(base + magicPosition, magic, places) else { return nil }
      return UnsafeRawPointer(found) - (base + magicPosition)
    }
  }
}
