// The bytes of a segment's file as a window that moves forward, in bounded memory.

import Bytes
import Files
import Records

/// Shows a file from any position on.
struct SegmentBytes {
  let file: File
  /// How many bytes there are to see.
  let count: Int
  private var block = ByteBuffer()
  private var blockStart = 0

  /// How many bytes are read at once.
  static let blockBytes = 1 << 20

  init(_ file: File, count: Int) {
    self.file = file
    self.count = count
  }

  /// What stands from `position` on: at least `minimum` bytes, fewer only at the end.
  mutating func window(at position: Int, minimum: Int) throws(FileError) -> ByteBuffer {
    let wanted = min(minimum, count - position)
    if wanted <= 0 { return ByteBuffer() }
    let isSeen = position >= blockStart && position + wanted <= blockStart + block.count
    if !isSeen {
      var fresh = ByteBuffer(capacity: max(wanted, Self.blockBytes))
      try file.read(into: &fresh, count: min(max(wanted, Self.blockBytes), count - position), at: position)
      block = fresh
      blockStart = position
    }
    let inside = position - blockStart
    return block.count > inside ? block.slice(from: inside, count: block.count - inside) : ByteBuffer()
  }

  /// Where the first byte from `position` on stands that is not zero; the end, when there is none.
  mutating func firstNonzero(from position: Int) throws(FileError) -> Int {
    var position = position
    while true {
      let bytes = try window(at: position, minimum: 1)
      if bytes.isEmpty { return position }
      let zeros = bytes.withReadableBytes { BatchScanner.leadingZeros($0) }
      position += zeros
      if zeros < bytes.count { return position }
    }
  }
}
