// The file into which a pass of compaction writes what stays of some segments, and its index.

import Bytes
import Files
import Records

/// A segment that is being written by compaction.
struct CleanedSegment: ~Copyable {
  private let file: File
  private var pending: ByteBuffer
  private(set) var index: IndexBuilder
  /// How many bytes of batches there are.
  private(set) var bytes = 0

  private static let writeBytes = 1 << 20

  init(_ directory: SegmentDirectory, base: Int64) throws(FileError) {
    file = try directory.files.open(directory.cleaned(base), [.read, .write, .create, .truncate])
    index = IndexBuilder(base: base)
    pending = ByteBuffer(capacity: Self.writeBytes)
  }

  mutating func append(_ batch: RecordBatch) throws(FileError) {
    index.note(batch.header, at: bytes)
    pending.append(batch.bytes)
    bytes += batch.bytes.count
    if pending.count >= Self.writeBytes { try flush() }
  }

  private mutating func flush() throws(FileError) {
    try file.write(pending, at: bytes - pending.count)
    pending.clear()
  }

  /// Makes the file whole and durable, though not its name.
  mutating func finish() throws(FileError) {
    try flush()
    index.seal()
    try file.sync()
    try file.close()
  }
}
