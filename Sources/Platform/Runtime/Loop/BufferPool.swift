// Storage that idle connections gave back, for the next one that reads. Last in, first out: the storage
// most recently used is still in the cache.

import Bytes

/// A loop's spare read buffers.
struct BufferPool {
  /// What a connection reads into: one loopback-sized or a few network-sized segments.
  static let bufferBytes = 16 << 10
  /// More spares than this are freed.
  static let sparesMaximum = 64

  // Plain memory: buffers move in and out without being retained.
  private let spares = UnsafeMutablePointer<ByteBuffer>.allocate(capacity: sparesMaximum)
  private var count = 0

  /// Frees the spares.
  func deallocate() {
    spares.deinitialize(count: count)
    spares.deallocate()
  }

  /// An empty buffer with room for at least `bufferBytes`.
  mutating func take() -> ByteBuffer {
    guard count > 0 else { return ByteBuffer(capacity: Self.bufferBytes) }
    count -= 1
    return (spares + count).move()
  }

  /// Takes the storage of an empty buffer that will not be used for a while.
  mutating func give(_ buffer: inout ByteBuffer) {
    buffer.clear()
    let isStandard = buffer.capacity >= Self.bufferBytes && buffer.capacity < 2 * Self.bufferBytes
    var taken = ByteBuffer()
    swap(&taken, &buffer)
    guard isStandard && count < Self.sparesMaximum else { return }
    (spares + count).initialize(to: taken)
    count += 1
  }
}
