// The index files of one segment: written piece by piece while the segment is active, read by binary search
// once it is sealed. They are caches: whatever they say is checked against the batch it leads to.

import Bytes
import Files
import Records

/// The two index files of an active segment.
struct IndexFiles {
  private let offsetFile: File
  private let timeFile: File
  private var writtenOffsets = 0
  private var writtenTimes = 0

  /// So many entries are written at once: what a reader in another process must walk at most is as many
  /// times the interval.
  static let entriesAtOnce = 512

  /// Makes them, empty.
  init(_ directory: SegmentDirectory, base: Int64) throws(FileError) {
    offsetFile = try directory.files.open(directory.index(base), [.read, .write, .create, .truncate])
    timeFile = try directory.files.open(directory.timeIndex(base), [.read, .write, .create, .truncate])
  }

  /// Writes what is new in `index` when it is worth a call.
  mutating func write(_ index: IndexBuilder, all: Bool = false) throws(FileError) {
    if index.offsets.count - writtenOffsets >= (all ? 1 : Self.entriesAtOnce) {
      try Self.write(index.offsets[writtenOffsets...], to: offsetFile, at: writtenOffsets)
      writtenOffsets = index.offsets.count
    }
    if index.times.count - writtenTimes >= (all ? 1 : Self.entriesAtOnce) {
      try Self.write(index.times[writtenTimes...], to: timeFile, at: writtenTimes)
      writtenTimes = index.times.count
    }
  }

  private static func write<Entry: IndexEntry>(
    _ entries: some Collection<Entry>, to file: File, at index: Int
  ) throws(FileError) {
    var bytes = ByteBuffer(capacity: entries.count * Entry.byteCount)
    bytes.withWritableBytes(minimum: entries.count * Entry.byteCount) { room in
      guard var target = room.baseAddress else { return 0 }
      for entry in entries {
        entry.store(to: target)
        target += Entry.byteCount
      }
      return entries.count * Entry.byteCount
    }
    try file.write(bytes, at: index * Entry.byteCount)
  }

  /// Makes them durable and closes them.
  func seal() throws(FileError) {
    try offsetFile.syncData()
    try timeFile.syncData()
    try offsetFile.close()
    try timeFile.close()
  }

  /// Writes the index of a sealed segment anew, in place of what is there.
  static func replace(_ directory: SegmentDirectory, with index: IndexBuilder) throws(FileError) {
    var offsets = ByteBuffer()
    for entry in index.offsets { append(entry, to: &offsets) }
    var times = ByteBuffer()
    for entry in index.times { append(entry, to: &times) }
    try directory.files.replace(atomically: directory.index(index.base), with: offsets)
    try directory.files.replace(atomically: directory.timeIndex(index.base), with: times)
  }

  private static func append(_ entry: some IndexEntry, to bytes: inout ByteBuffer) {
    bytes.withWritableBytes(minimum: type(of: entry).byteCount) { room in
      guard let target = room.baseAddress else { return 0 }
      entry.store(to: target)
      return type(of: entry).byteCount
    }
  }
}

/// An entry of fixed size in an index file.
protocol IndexEntry {
  static var byteCount: Int { get }
  init(parsing bytes: UnsafeRawBufferPointer) throws(RecordError)
  func store(to memory: UnsafeMutableRawPointer)
}

extension IndexEntry {
  /// The entry in exactly its own bytes; nil when there are fewer.
  init?(_ bytes: UnsafeRawBufferPointer) {
    do throws(RecordError) { try self.init(parsing: bytes) } catch { return nil }
  }
}

extension OffsetIndexEntry: IndexEntry {}
extension TimeIndexEntry: IndexEntry {}

extension IndexFiles {
  /// The index of a segment as its files hold it; nil when they are missing or cannot be right.
  static func load(
    _ directory: SegmentDirectory, base: Int64, segmentBytes: Int
  ) throws(FileError) -> IndexBuilder? {
    // One entry for each interval, and one more.
    let entriesMaximum = segmentBytes / IndexBuilder.intervalBytes + 2
    guard
      let offsets = try load(
        OffsetIndexEntry.self, directory.files, directory.index(base), entriesMaximum: entriesMaximum),
      let times = try load(
        TimeIndexEntry.self, directory.files, directory.timeIndex(base), entriesMaximum: entriesMaximum)
    else { return nil }
    return IndexBuilder(base: base, offsets: offsets, times: times, segmentBytes: segmentBytes)
  }

  private static func load<Entry: IndexEntry>(
    _ type: Entry.Type, _ files: any FileSystem, _ path: FilePath, entriesMaximum: Int
  ) throws(FileError) -> ContiguousArray<Entry>? {
    let bytes: ByteBuffer
    do {
      bytes = try files.contents(of: path, bytesMaximum: entriesMaximum * Entry.byteCount)
    } catch .fileTooLarge {
      return nil
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
    if bytes.count % Entry.byteCount != 0 { return nil }
    return bytes.withReadableBytes { memory in
      var entries: ContiguousArray<Entry> = []
      entries.reserveCapacity(bytes.count / Entry.byteCount)
      for start in stride(from: 0, to: memory.count, by: Entry.byteCount) {
        guard let entry = Entry(UnsafeRawBufferPointer(rebasing: memory[start..<start + Entry.byteCount]))
        else {
          return nil
        }
        entries.append(entry)
      }
      return entries
    }
  }
}
