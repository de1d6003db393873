// Writes one segment: the file, the room ahead in it, and its index. Confined to one thread at a time (the
// writer thread, or the one that opens the partition); it knows nothing of callers and offsets to come.

import Bytes
import Files
import Records

/// An active segment being written.
final class SegmentWriter {
  let directory: SegmentDirectory
  let base: Int64
  /// The segment's index, shared with readers of this process.
  let index: ActiveIndex
  /// How many bytes of batches there are.
  private(set) var bytes: Int
  /// Up to here the file was written before, with zeros or batches: rewriting it changes no metadata.
  private(set) var roomEnd: Int
  /// Whether something was written since the last sync.
  private(set) var isDirty = false

  private let file: File
  /// Made with the first write: until then, what an earlier process left is good.
  private var indexFiles: IndexFiles?

  /// Goes on with a segment whose batches end at `bytes`, in a file that was cut there.
  ///
  /// - Parameter roomEnd: how large the file is.
  init(
    _ directory: SegmentDirectory, file: File, index: ActiveIndex, bytes: Int, roomEnd: Int
  ) {
    self.directory = directory
    self.base = index.base
    self.index = index
    self.bytes = bytes
    self.roomEnd = roomEnd
    self.file = file
  }

  /// Begins a segment at `base`, durably.
  ///
  /// - Parameter prepared: a file full of zeros that becomes the segment.
  static func begin(
    _ directory: SegmentDirectory, base: Int64, prepared: PreparedSegment?
  ) throws(FileError) -> SegmentWriter {
    let path = directory.log(base)
    var prepared = prepared
    if let ready = prepared {
      do {
        try directory.files.rename(ready.path, to: path)
      } catch {
        // Whoever opened the partition again after a failure swept it away.
        if !error.isNotFound { throw error }
        prepared = nil
      }
    }
    var options: OpenOptions = [.read, .write, .create]
    if prepared == nil { options.insert(.truncate) }
    let file = try directory.files.open(path, options)
    let writer = SegmentWriter(
      directory, file: file, index: ActiveIndex(IndexBuilder(base: base)), bytes: 0,
      roomEnd: prepared?.bytes ?? 0)
    // Only now may anything in it be called durable.
    try directory.files.syncDirectory(directory.path)
    return writer
  }

  // MARK: Writing

  /// Writes whole batches after those that are there.
  ///
  /// - Parameters:
  ///   - headers: the batches' headers, in order.
  ///   - batches: their bytes, one after the other.
  ///   - roomAhead: how much more room to make when there is too little.
  func write(
    _ headers: some Collection<RecordBatchHeader>, _ batches: UnsafeRawBufferPointer, roomAhead: Int
  ) throws(FileError) {
    isDirty = true
    let end = bytes + batches.count
    if end > roomEnd && roomAhead > 0 {
      try writeMakingRoom(batches, zeros: roomAhead)
    } else {
      try file.write(batches, at: bytes)
      roomEnd = max(roomEnd, end)
    }
    index.note(headers, from: bytes)
    bytes = end
    try writeIndex(all: false)
  }

  private func writeIndex(all: Bool) throws(FileError) {
    if indexFiles == nil { indexFiles = try IndexFiles(directory, base: base) }
    guard var files = indexFiles else { return }
    try index.write(to: &files, all: all)
    indexFiles = files
  }

  /// Writes batches and zeros after them, so that the next ones find room.
  private func writeMakingRoom(_ batches: UnsafeRawBufferPointer, zeros: Int) throws(FileError) {
    var pieces = [batches]
    var left = zeros
    while left > 0 {
      let piece = min(left, Self.zeros.count)
      pieces.append(UnsafeRawBufferPointer(rebasing: Self.zeros.bytes[..<piece]))
      left -= piece
    }
    do {
      try file.write(gathering: pieces, at: bytes)
      roomEnd = bytes + batches.count + zeros
    } catch {
      // There may be no room for the zeros and still some for the batches.
      guard error.isOutOfSpace else { throw error }
      try file.write(batches, at: bytes)
      roomEnd = bytes + batches.count
    }
  }

  private static let zeros = Zeros(count: 1 << 20)

  /// Makes what was written durable.
  func sync() throws(FileError) {
    try file.syncData()
    isDirty = false
  }

  /// Makes `count` more bytes of room behind the batches, durably: for a segment that is to be written all the
  /// time.
  func makeRoom(_ count: Int) throws(FileError) {
    var end = roomEnd
    while end < bytes + count {
      let piece = min(bytes + count - end, Self.zeros.count)
      try file.write(UnsafeRawBufferPointer(rebasing: Self.zeros.bytes[..<piece]), at: end)
      end += piece
    }
    try file.sync()
    roomEnd = end
  }

  /// Cuts the room off, makes everything durable, and closes the files.
  func close() throws(FileError) {
    index.seal()
    if roomEnd > bytes { try file.truncate(to: bytes) }
    try file.sync()
    isDirty = false
    try writeIndex(all: true)
    try indexFiles?.seal()
    try file.close()
  }

  /// Lets the files go without another write: the disk failed, and recovery will look at them.
  func abandon() {
    // Letting go of them closes them. The partition is stopped for an error already.
    indexFiles = nil
  }
}

/// Zeros to write.
///
/// `@unchecked Sendable`: allocated once, never written after `init`, never freed.
private struct Zeros: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  var count: Int { bytes.count }

  init(count: Int) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    bytes = UnsafeRawBufferPointer(memory)
  }
}

/// A file of zeros that waits to become a segment.
struct PreparedSegment: Sendable {
  let path: FilePath
  let bytes: Int
}
