// The snapshots of producers in a partition's directory: one when a segment is sealed, one when the partition is
// closed; two are kept.

import Files
import Records

/// The snapshot files of one partition.
struct ProducerSnapshots {
  let directory: SegmentDirectory

  /// More than the largest table needs.
  static let bytesMaximum = 64 << 20
  private static let keptCount = 2

  /// The offsets there are snapshots for, lowest first.
  func offsets() throws(FileError) -> [Int64] {
    try directory.files.list(directory.path).compactMap { entry in
      SegmentFileName.parse(entry.name).flatMap { $0.kind == .snapshot ? $0.base : nil }
    }
  }

  /// Stores the producers as they are before `offset`, and removes the snapshots that are of no more use.
  func write(_ table: ProducerTable, at offset: Int64) throws(FileError) {
    try directory.files.replace(
      atomically: directory.snapshot(offset), with: ProducerSnapshot(entries: table.snapshot).encoded())
    let older = try offsets().filter { $0 != offset }
    for stale in older.dropLast(Self.keptCount - 1) { try directory.files.remove(directory.snapshot(stale)) }
  }
}
