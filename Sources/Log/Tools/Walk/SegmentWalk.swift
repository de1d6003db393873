// Walks a segment's file to its end, whatever is in it: after bytes that are no batch it goes on with the next
// batch that is whole. Recovery stops at the first thing that is wrong; this says everything that is.

import Bytes
import Files
import Log
import Records

/// A walk through one segment.
struct SegmentWalk {
  /// What stands at a place of the file.
  enum Step {
    /// A sound batch.
    case batch(RecordBatch, at: Int)
    /// A batch that is sound and that this program cannot read.
    case unreadable(RecordBatch, at: Int, RecordError)
    /// Bytes that are no batch that may stand there.
    case bad(Range<Int>, expected: Int64, RecordError)
    /// Nothing but zeros to the end.
    case zeros(Range<Int>)
  }

  /// What is looked at.
  struct Scope {
    /// Where the segment begins.
    let base: Int64
    /// The first offset that is not in it any more; where that is not known, the highest there is.
    var bound: Int64 = .max
    /// Whether a batch that does not begin where the one before ended is wrong, unless the gap is accepted.
    var isContiguous: Bool
    var acceptedGaps = AcceptedGaps.none
    /// Whether records are looked at too.
    var records = true
  }

  private let scope: Scope
  /// The first offset that cannot be in the segment.
  private let bound: Int64
  private var bytes: SegmentBytes
  private(set) var position = 0
  /// The lowest offset that the next batch may have.
  private(set) var expected: Int64
  /// Whether what came before was no batch, which is why offsets may be missing.
  private var isAfterBad = false

  init(_ file: File, fileBytes: Int, _ scope: Scope) {
    self.scope = scope
    // An index points to no offset further from the base.
    let (reach, overflow) = scope.base.addingReportingOverflow(Int64(Int32.max))
    bound = min(scope.bound, overflow ? .max : reach)
    bytes = SegmentBytes(file, count: fileBytes)
    expected = scope.base
  }

  /// The next thing; nil at the end of the file.
  mutating func next() throws(FileError) -> Step? {
    let headerBytes = RecordBatchHeader.byteCount
    let left = bytes.count - position
    if left == 0 { return nil }
    var scanner = BatchScanner(
      expectedOffset: expected, batchBytesMaximum: RecordLimits.batchBytesMaximum)
    var needed = headerBytes
    while true {
      let window = try bytes.window(at: position, minimum: needed)
      // A file that was cut since it was opened ends here.
      if window.isEmpty { return nil }
      let isWhole = window.count >= left || window.count < needed
      switch window.withReadableBytes({ scanner.next($0, atEnd: isWhole) }) {
      case .batch(let header, let byteCount):
        return try step(RecordBatch(trusted: header, bytes: window.slice(from: 0, count: byteCount)))
      case .needBytes(let count): needed = max(count, needed + 1)
      case .zeros:
        let end = try bytes.firstNonzero(from: position)
        if end >= bytes.count { return zeros() }
        return try bad(.malformedHeader("zeros"), from: position)
      case .invalid(let error): return try bad(error, from: position + 1)
      }
    }
  }

  private mutating func zeros() -> Step {
    defer { position = bytes.count }
    return .zeros(position..<bytes.count)
  }

  private mutating func step(_ batch: RecordBatch) throws(FileError) -> Step {
    let header = batch.header
    if header.nextOffset > bound {
      return try bad(
        .malformedHeader("last offset \(header.lastOffset) in a segment that ends at \(bound)"),
        from: position + 1)
    }
    if header.baseOffset != expected, try !isBorneOut(header) {
      return try bad(
        .malformedHeader("base offset \(header.baseOffset) where \(expected) should be"), from: position + 1)
    }
    if scope.records, let error = BatchBytes.objection(to: batch) {
      switch error {
      case .unsupportedCompression, .decompressedTooLarge:
        defer { advance(header) }
        return .unreadable(batch, at: position, error)
      default: return try bad(error, from: position + header.totalBytes)
      }
    }
    defer { advance(header) }
    return .batch(batch, at: position)
  }

  private mutating func advance(_ header: RecordBatchHeader) {
    position += header.totalBytes
    expected = header.nextOffset
    isAfterBad = false
  }

  /// The checksum leaves the offset out, so an offset that jumps may be a damaged one. What follows tells: it
  /// then goes on from an offset below.
  private mutating func isBorneOut(_ header: RecordBatchHeader) throws(FileError) -> Bool {
    let end = position + header.totalBytes
    let following = BatchBytes.header(try bytes.window(at: end, minimum: RecordBatchHeader.byteCount))
    if let following, following.baseOffset >= expected { return following.baseOffset >= header.nextOffset }
    // Nothing follows that could tell: where there are no gaps, a jump is a damaged offset.
    return !scope.isContiguous || isAfterBad
      || scope.acceptedGaps.allow(LogOffset(header.baseOffset), after: LogOffset(expected))
  }

  /// Bytes that are no batch, up to the next batch or to the end.
  private mutating func bad(_ error: RecordError, from start: Int) throws(FileError) -> Step {
    let begin = position
    var search = BatchSearch(expected: expected, bound: bound, fileBytes: bytes.count)
    var next: Int?
    // Where the length is right the next batch is right behind, and no bytes inside can be taken for one.
    if let header = BatchBytes.header(try bytes.window(at: begin, minimum: RecordBatchHeader.byteCount)),
      header.totalBytes <= bytes.count - begin,
      try search.isBatch(&bytes, at: begin + header.totalBytes)
    {
      next = begin + header.totalBytes
    } else {
      next = try search.run(&bytes, from: start)
    }
    position = next ?? bytes.count
    isAfterBad = true
    return .bad(begin..<position, expected: expected, error)
  }
}
