// Looks things up in the index files of a sealed segment, by binary search on the disk: no memory is kept for
// segments that nobody reads. An index that cannot be right is not believed; the reader then begins at the
// segment's first byte, which is slower and always true.

import Bytes
import Files
import Records

/// The index files of one segment.
struct SegmentIndexReader {
  let directory: SegmentDirectory
  let base: Int64

  /// Where to begin looking for `offset`.
  func position(of offset: Int64) throws(FileError) -> Int {
    let wanted = offset - base
    let entry = try last(in: directory.index(base), of: OffsetIndexEntry.self) {
      Int64($0.relativeOffset) <= wanted
    }
    return entry.map { Int($0.position) } ?? 0
  }

  /// The offset to begin at when looking for the first record at or after a time.
  func offset(before timestamp: Int64) throws(FileError) -> Int64 {
    let entry = try last(in: directory.timeIndex(base), of: TimeIndexEntry.self) {
      $0.timestamp < timestamp
    }
    return base + Int64(entry?.relativeOffset ?? 0)
  }

  /// The latest timestamp in the segment; nil when the index does not say.
  func latestTimestamp() throws(FileError) -> Int64? { try latest()?.timestamp }

  /// The last entry of the time index.
  func latest() throws(FileError) -> TimeIndexEntry? {
    try last(in: directory.timeIndex(base), of: TimeIndexEntry.self) { _ in true }
  }

  /// The last entry that satisfies `isBefore`; those that do come first.
  private func last<Entry: IndexEntry>(
    in path: FilePath, of type: Entry.Type, _ isBefore: (Entry) -> Bool
  ) throws(FileError) -> Entry? {
    let file: File
    do {
      file = try directory.files.open(path, .read)
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
    do throws(FileError) {
      return try last(in: file, of: type, isBefore)
    } catch .unexpectedEnd {
      // Its writer began it anew between two reads.
      return nil
    }
  }

  private func last<Entry: IndexEntry>(
    in file: File, of type: Entry.Type, _ isBefore: (Entry) -> Bool
  ) throws(FileError) -> Entry? {
    var low = 0
    var high = try file.status().bytes / Entry.byteCount
    var found: Entry?
    while low < high {
      let middle = low + (high - low) / 2
      let entry = try entry(type, at: middle, in: file)
      if isBefore(entry) {
        found = entry
        low = middle + 1
      } else {
        high = middle
      }
    }
    try file.close()
    return found
  }

  private func entry<Entry: IndexEntry>(
    _ type: Entry.Type, at index: Int, in file: File
  ) throws(FileError) -> Entry {
    let offset = index * Entry.byteCount
    var bytes = ByteBuffer(capacity: Entry.byteCount)
    try file.read(exactly: Entry.byteCount, into: &bytes, at: offset)
    guard let entry = bytes.withReadableBytes({ Entry($0) }) else {
      throw .unexpectedEnd(path: file.path, offset: offset, wanted: Entry.byteCount, got: bytes.count)
    }
    return entry
  }
}
