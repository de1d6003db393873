// Finishes what a crash interrupted in replacing or deleting segments.
//
// A segment that goes away is first renamed to `….log.deleted`. A compacted segment is written as
// `….log.cleaned`, renamed to `….log.swap` when it is whole and synced, and to `….log` when what it replaces
// is gone: Kafka's names and order. So a `.cleaned` is worthless, a `.deleted` is gone already, and a `.swap`
// is the truth about the offsets it covers.

import Files
import Records

/// The leftovers of one partition.
struct SegmentSwaps {
  let directory: SegmentDirectory

  static let cleanedSuffix = ".cleaned"
  static let swapSuffix = ".swap"
  static let deletedSuffix = ".deleted"

  /// Brings every swap to its end and removes the rest.
  func finish() throws(FileError) {
    let names = try directory.files.list(directory.path).map(\.name)
    for name in names where name.hasSuffix(Self.cleanedSuffix) || name.hasSuffix(Self.deletedSuffix) {
      try directory.files.remove(directory.path / name)
    }
    for name in names where name.hasSuffix(Self.swapSuffix) {
      guard let parsed = SegmentFileName.parse(String(name.dropLast(Self.swapSuffix.count))),
        parsed.kind == .log
      else { continue }
      try finish(base: parsed.base)
    }
  }

  /// Puts a swap in place of the segments it covers.
  func finish(base: Int64) throws(FileError) {
    let swap = directory.path / (SegmentFileName.name(base, .log) + Self.swapSuffix)
    let file = try directory.files.open(swap, .read)
    var nextOffset = base
    let end = try SegmentScan(checksums: false, isContiguous: false).run(file, offset: base) { header, _ in
      nextOffset = header.nextOffset
    }
    nextOffset = max(nextOffset, end.nextOffset)
    try file.close()
    for entry in try directory.files.list(directory.path) {
      guard let parsed = SegmentFileName.parse(entry.name), parsed.base > base, parsed.base < nextOffset,
        parsed.kind != .snapshot
      else { continue }
      try directory.files.remove(directory.path / entry.name)
    }
    // The old indexes must not survive beside the new segment.
    for path in [directory.index(base), directory.timeIndex(base)] where try directory.files.exists(path) {
      try directory.files.remove(path)
    }
    try directory.files.syncDirectory(directory.path)
    try directory.files.renameDurably(swap, to: directory.log(base))
  }
}
