// The rows of an index file, as far as they are rows.

import Bytes
import Files
import Records

/// What an index file holds.
struct IndexRows<Entry> {
  let path: FilePath
  var entries: [Entry] = []
  /// The first thing that is wrong; a file is made anew as a whole, so one is enough.
  private(set) var objection: Finding?

  /// More than an index file of a segment below 2 GiB has.
  private static var bytesMaximum: Int { 64 << 20 }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - isNeeded: whether its absence is worth a word.
  ///   - isGrowing: whether it may have room at its end that is not written yet, as Kafka's have.
  init(
    _ files: any FileSystem, _ path: FilePath, byteCount: Int, isNeeded: Bool, isGrowing: Bool,
    _ parse: (UnsafeRawBufferPointer) throws(RecordError) -> Entry
  ) throws(FileError) {
    self.path = path
    var bytes: ByteBuffer
    do {
      bytes = try files.contents(of: path, bytesMaximum: Self.bytesMaximum)
    } catch .fileTooLarge(_, let count, let maximum) {
      refuse("at most \(maximum) bytes", "\(count)")
      return
    } catch {
      guard error.isNotFound else { throw error }
      if isNeeded { refuse("an index of the segment", "no file") }
      return
    }
    if isGrowing { bytes = Self.withoutRoom(bytes, byteCount) }
    if bytes.count % byteCount != 0 {
      refuse("rows of \(byteCount) bytes", "\(bytes.count) bytes")
    }
    do throws(RecordError) {
      let whole = bytes
      entries = try whole.withReadableBytes { memory throws(RecordError) in
        var entries: [Entry] = []
        for start in stride(from: 0, to: memory.count - memory.count % byteCount, by: byteCount) {
          entries.append(try parse(UnsafeRawBufferPointer(rebasing: memory[start..<start + byteCount])))
        }
        return entries
      }
    } catch {
      refuse("rows of an index", error.description)
    }
  }

  private static func withoutRoom(_ bytes: ByteBuffer, _ byteCount: Int) -> ByteBuffer {
    var count = bytes.withReadableBytes { memory in
      var count = memory.count
      while count > 0 && memory[count - 1] == 0 { count -= 1 }
      return count
    }
    // A row may end in zeros itself.
    count = min(bytes.count, (count + byteCount - 1) / byteCount * byteCount)
    return bytes.slice(from: 0, count: count)
  }

  /// Notes what is wrong, unless something was before.
  mutating func refuse(_ expected: String, _ found: String, row: Int? = nil, byteCount: Int = 0) {
    if objection != nil { return }
    objection = Finding(.rebuildable, path, at: row.map { $0 * byteCount }, expected: expected, found: found)
  }
}
