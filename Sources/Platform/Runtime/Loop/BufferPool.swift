// Storage that idle connections gave back, for the next one that reads. Last in, first out: the storage
// most recently used is still in the cache.

import Bytes

/// A loop's spare read buffers.
struct BufferPool {
  /// What a connection reads into: one loopback-sized or a few network-sized segments.
  static let bufferBytes = 16 << 10
  /// More spares than this are freed.
  static let sparesMaximum = 64

  private var spares: ContiguousArray<ByteBuffer> = []

  /// An empty buffer with room for at least `bufferBytes`.
  mutating func take() -> ByteBuffer {
    spares.popLast() ?? ByteBuffer(capacity: Self.bufferBytes)
  }

  /// Takes the storage of an empty buffer that will not be used for a while.
  mutating func give(_ buffer: inout ByteBuffer) {
    buffer.clear()
    let isStandard = buffer.capacity >= Self.bufferBytes && buffer.capacity < 2 * Self.bufferBytes
    if isStandard && spares.count < Self.sparesMaximum { spares.append(buffer) }
    buffer = ByteBuffer()
  }
}
