// Finishes what a crash interrupted in replacing or deleting segments.
//
// A segment that goes away is first renamed to `….log.deleted`. A compacted segment is written as
// `….log.cleaned`, renamed to `….log.swap` when it is whole and synced, and to `….log` when what it replaces
// is gone: Kafka's names and order. So a `.cleaned` is worthless, a `.deleted` is gone already, and a `.swap`
// is the truth about the offsets it covers.

public import Files
import Records

/// The leftovers of one partition.
public struct SegmentSwaps {
  let directory: SegmentDirectory

  /// What the name of a compacted segment that is not whole yet ends with.
  public static let cleanedSuffix = ".cleaned"
  /// What the name of a compacted segment ends with that is whole and waits for its name.
  public static let swapSuffix = ".swap"
  /// What the name of a file ends with that is as good as gone.
  public static let deletedSuffix = ".deleted"

  /// The leftovers in one directory.
  public init(directory: SegmentDirectory) { self.directory = directory }

  /// Brings every swap to its end and removes the rest.
  public func finish() throws(FileError) {
    let names = try directory.files.list(directory.path).map(\.name)
    for name in names where name.hasSuffix(Self.cleanedSuffix) || name.hasSuffix(Self.deletedSuffix) {
      try directory.files.remove(directory.path / name)
    }
    for name in names {
      if let base = Self.base(ofSwap: name) { try finish(base: base) }
    }
    try removeOrphans()
  }

  /// Removes the indexes of segments that are gone.
  private func removeOrphans() throws(FileError) {
    let files = try directory.files.list(directory.path).compactMap { entry in
      SegmentFileName.parse(entry.name).map { (entry.name, $0.base, $0.kind) }
    }
    let bases = Set(files.filter { $0.2 == .log }.map(\.1))
    for (name, base, kind) in files where (kind == .index || kind == .timeindex) && !bases.contains(base) {
      try directory.files.remove(directory.path / name)
    }
  }

  /// The base of the segment that a file is, when it is a swap; else nil.
  static func base(ofSwap name: String) -> Int64? {
    guard name.hasSuffix(swapSuffix) else { return nil }
    let parsed = SegmentFileName.parse(String(name.dropLast(swapSuffix.count)))
    return parsed.flatMap { $0.kind == .log ? $0.base : nil }
  }

  /// The offset up to which the swap at `base` stands for the segments from there on.
  func nextOffset(ofSwap base: Int64) throws(FileError) -> Int64 {
    let file = try directory.files.open(directory.swap(base), .read)
    return try SegmentScan(checksums: false, isContiguous: false).run(file, offset: base) { _, _ in }
      .nextOffset
  }

  /// Puts a swap in place of the segments it covers.
  func finish(base: Int64) throws(FileError) {
    let swap = directory.swap(base)
    let nextOffset = try nextOffset(ofSwap: base)
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
