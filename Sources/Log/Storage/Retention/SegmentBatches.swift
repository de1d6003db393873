// The batches of a sealed segment one after the other, each checked: compaction must not take damage for an
// absence of records.

import Bytes
import Files
import Records

/// Walks a sealed segment.
struct SegmentBatches: ~Copyable {
  private let table: SegmentTable
  private let file: File
  private let end: Int
  private var block = ByteBuffer()
  /// Where the next batch begins.
  private(set) var position = 0

  private static let blockBytes = 1 << 20

  init(_ segment: SegmentInfo, of table: SegmentTable) throws(LogError) {
    self.table = table
    end = segment.bytes
    do throws(FileError) {
      file = try table.directory.files.open(table.directory.log(segment.base), .read)
    } catch {
      throw .file(error)
    }
  }

  /// Whether there is nothing more.
  var isAtEnd: Bool { position == end }

  /// How many bytes are to come.
  var bytesLeft: Int { end - position }

  /// The next batch; nil at the end.
  mutating func next() throws(LogError) -> RecordBatch? {
    if isAtEnd { return nil }
    do throws(RecordError) {
      try fill(RecordBatchHeader.byteCount)
      let header = try block.withReadableBytes { bytes throws(RecordError) in
        try RecordBatchHeader(parsing: bytes)
      }
      try fill(header.totalBytes)
      if block.count < header.totalBytes {
        throw .truncated(needed: header.totalBytes, got: block.count)
      }
      let batch = try RecordBatch(validating: block.split(header.totalBytes))
      position += header.totalBytes
      return batch
    } catch {
      if let failure { throw .file(failure) }
      let damage = Damage(
        partition: table.directory.partition, segment: file.path, position: position,
        expected: "a batch", found: error.description)
      table.note(damage)
      throw .damaged(damage)
    }
  }

  /// Why the last read gave nothing.
  private var failure: FileError?

  private mutating func fill(_ count: Int) throws(RecordError) {
    if block.count >= count { return }
    do throws(FileError) {
      try file.extend(&block, to: min(max(count, Self.blockBytes), end - position), at: position)
    } catch {
      failure = error
      throw .truncated(needed: count, got: block.count)
    }
  }
}
