// What a walk found in one segment, as stretches of its file: runs of sound batches, and what is between them.

import Files
import Log
import Records

/// One segment, taken apart.
struct SegmentAnalysis {
  /// Sound batches that stand one after the other and whose offsets go on from each other, as far as they must.
  struct Run: Equatable {
    var positions: Range<Int>
    var offsets: Range<Int64>
    var batches = 1
    var records: Int
  }

  /// A stretch of the file.
  enum Piece {
    case run(Run)
    case bad(Range<Int>, expected: Int64, RecordError)
    case zeros(Range<Int>)
  }

  let base: Int64
  let path: FilePath
  /// Whether it is the last one, which grows.
  let isActive: Bool
  let fileBytes: Int
  /// Which file was walked, whatever has its name by now.
  let inode: UInt64
  var pieces: [Piece] = []
  /// Pieces that are too many to remember.
  var piecesOmitted = 0
  /// What stands behind the last durable batch and was never acknowledged; nil when there is nothing.
  var tail: Range<Int>?
  /// The latest timestamp of a batch.
  var latestTimestamp: Int64?
  /// Batches that are sound and that this program cannot read.
  var unreadable: [(position: Int, error: RecordError)] = []
  /// What is wrong with the index files.
  var indexObjections: [Finding] = []

  /// How many stretches of one segment are remembered.
  static let piecesMaximum = 65_536

  init(_ file: SegmentFile, fileBytes: Int, inode: UInt64) {
    base = file.base
    path = file.path
    isActive = file.isActive
    self.fileBytes = fileBytes
    self.inode = inode
  }

  /// The runs, in order.
  var runs: [Run] {
    pieces.compactMap { if case .run(let run) = $0 { run } else { nil } }
  }

  /// The offset after the last sound batch.
  var end: Int64 { runs.last?.offsets.upperBound ?? base }
  /// The position after the last sound batch.
  var endPosition: Int { runs.last?.positions.upperBound ?? 0 }

  /// Notes a sound batch.
  ///
  /// - Parameter isContiguous: whether a jump in the offsets begins a new run.
  mutating func note(_ header: RecordBatchHeader, at position: Int, isContiguous: Bool) {
    latestTimestamp = max(latestTimestamp ?? .min, header.maxTimestamp)
    if case .run(var run)? = pieces.last,
      !isContiguous || run.offsets.upperBound == header.baseOffset
    {
      run.positions = run.positions.lowerBound..<(position + header.totalBytes)
      run.offsets = run.offsets.lowerBound..<header.nextOffset
      run.batches += 1
      run.records += Int(header.recordCount)
      pieces[pieces.count - 1] = .run(run)
      return
    }
    note(
      .run(
        Run(
          positions: position..<(position + header.totalBytes),
          offsets: header.baseOffset..<header.nextOffset, records: Int(header.recordCount))))
  }

  mutating func note(_ piece: Piece) {
    if pieces.count < Self.piecesMaximum { pieces.append(piece) } else { piecesOmitted += 1 }
  }

  /// Notes that a batch, sound as it is, cannot be read here.
  mutating func noteUnreadable(_ error: RecordError, at position: Int) {
    if unreadable.count < Self.piecesMaximum { unreadable.append((position, error)) }
  }

  /// Takes what stands from the piece at `index` on for a tail that was never acknowledged.
  mutating func cutTail(from index: Int) {
    let start: Int
    switch pieces[index] {
    case .run(let run): start = run.positions.lowerBound
    case .bad(let range, _, _), .zeros(let range): start = range.lowerBound
    }
    pieces.removeSubrange(index...)
    tail = start..<fileBytes
  }
}
