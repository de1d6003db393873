// Checks a segment's two indexes against its batches while these go by: every row must lead to a batch, and
// nothing that a lookup passes over may be what it looks for.

import Files
import Log
import Records

/// The check of one segment's index files.
struct IndexCheck {
  private let base: Int64
  /// Whether the indexes must be whole: those of a segment that is sealed, or was closed.
  private let isFinal: Bool
  private var offsets: IndexRows<OffsetIndexEntry>
  private var times: IndexRows<TimeIndexEntry>
  private var nextOffsetRow = 0
  private var nextTimeRow = 0
  /// The offset after the last batch that went by.
  private var end: Int64
  private var latest: Int64?

  init(
    _ directory: SegmentDirectory, base: Int64, isFinal: Bool, isEmpty: Bool
  ) throws(FileError) {
    self.base = base
    self.isFinal = isFinal
    end = base
    offsets = try IndexRows(
      directory.files, directory.index(base), byteCount: OffsetIndexEntry.byteCount,
      isNeeded: isFinal && !isEmpty,
      isGrowing: !isFinal
    ) { bytes throws(RecordError) in try OffsetIndexEntry(parsing: bytes) }
    times = try IndexRows(
      directory.files, directory.timeIndex(base), byteCount: TimeIndexEntry.byteCount,
      isNeeded: isFinal && !isEmpty,
      isGrowing: !isFinal
    ) { bytes throws(RecordError) in try TimeIndexEntry(parsing: bytes) }
    checkOrder()
  }

  /// What is wrong.
  var objections: [Finding] { [offsets.objection, times.objection].compactMap { $0 } }

  private mutating func checkOrder() {
    for (row, (one, next)) in zip(offsets.entries, offsets.entries.dropFirst()).enumerated()
    where next.relativeOffset <= one.relativeOffset || next.position <= one.position {
      refuseOffset(row + 1, "an offset above \(base + Int64(one.relativeOffset)), further on", next)
      break
    }
    for (row, (one, next)) in zip(times.entries, times.entries.dropFirst()).enumerated()
    where next.timestamp <= one.timestamp || next.relativeOffset < one.relativeOffset {
      refuseTime(row + 1, "a time after \(one.timestamp), at an offset not lower", next)
      break
    }
  }

  // MARK: Batches

  /// Notes the next sound batch.
  mutating func note(_ header: RecordBatchHeader, at position: Int) {
    checkOffsetRows(header, at: position)
    checkTimeRows(header)
    latest = max(latest ?? .min, header.maxTimestamp)
    end = header.nextOffset
  }

  private mutating func checkOffsetRows(_ header: RecordBatchHeader, at position: Int) {
    while nextOffsetRow < offsets.entries.count {
      let entry = offsets.entries[nextOffsetRow]
      if Int(entry.position) > position { return }
      let offset = base + Int64(entry.relativeOffset)
      if Int(entry.position) < position {
        refuseOffset(nextOffsetRow, "the position of a batch", entry)
      } else if offset < header.baseOffset || offset < end {
        refuseOffset(nextOffsetRow, "offset \(header.baseOffset) or above", entry)
      }
      nextOffsetRow += 1
    }
  }

  private mutating func checkTimeRows(_ header: RecordBatchHeader) {
    while nextTimeRow < times.entries.count {
      let entry = times.entries[nextTimeRow]
      let offset = base + Int64(entry.relativeOffset)
      if offset > header.lastOffset { return }
      let here = max(latest ?? .min, header.maxTimestamp)
      let passedOver = offset == header.lastOffset ? here : latest ?? .min
      if passedOver > entry.timestamp {
        refuseTime(nextTimeRow, "no time before \(passedOver), which a batch up to there has", entry)
      } else if entry.timestamp > here {
        refuseTime(nextTimeRow, "a time that a batch up to there has", entry)
      }
      nextTimeRow += 1
    }
  }

  /// Ends the check at the end of the segment.
  mutating func finish() {
    guard isFinal else { return }
    if nextOffsetRow < offsets.entries.count {
      refuseOffset(nextOffsetRow, "the position of a batch", offsets.entries[nextOffsetRow])
    }
    if let last = offsets.entries.last, base + Int64(last.relativeOffset) >= end {
      refuseOffset(offsets.entries.count - 1, "an offset below \(end)", last)
    }
    if nextTimeRow < times.entries.count {
      refuseTime(nextTimeRow, "an offset below \(end)", times.entries[nextTimeRow])
    }
    if let latest, times.entries.last?.timestamp ?? .min < latest {
      times.refuse(
        "a last row with the latest time, \(latest)",
        times.entries.last.map { "\($0.timestamp)" } ?? "no row")
    }
  }

  private mutating func refuseOffset(_ row: Int, _ expected: String, _ entry: OffsetIndexEntry) {
    offsets.refuse(
      expected, "offset \(base + Int64(entry.relativeOffset)) at \(entry.position)", row: row,
      byteCount: OffsetIndexEntry.byteCount)
  }

  private mutating func refuseTime(_ row: Int, _ expected: String, _ entry: TimeIndexEntry) {
    times.refuse(
      expected, "\(entry.timestamp) at offset \(base + Int64(entry.relativeOffset))", row: row,
      byteCount: TimeIndexEntry.byteCount)
  }
}
