// What a stream has yet to send: pieces in order, small ones joined.

import Bytes

/// Bytes that wait for the peer's window.
struct HTTP2OutboundQueue {
  /// Pieces shorter than this are copied behind one another.
  private static let spliceBytesMinimum = 2048

  private var pieces: ContiguousArray<ByteBuffer> = []
  private var first = 0
  /// Whether the last piece is ours alone, to append to.
  private var ownsLast = false
  /// How many bytes there are.
  private(set) var count = 0

  /// Puts `buffer` behind the rest.
  mutating func append(_ buffer: ByteBuffer) {
    if buffer.isEmpty { return }
    count += buffer.count
    if buffer.count >= Self.spliceBytesMinimum || pieces.isEmpty {
      pieces.append(buffer)
      ownsLast = false
    } else if ownsLast {
      pieces[pieces.count - 1].append(buffer)
      if pieces[pieces.count - 1].count >= Self.spliceBytesMinimum { ownsLast = false }
    } else {
      var piece = ByteBuffer(capacity: Self.spliceBytesMinimum)
      piece.append(buffer)
      pieces.append(piece)
      ownsLast = true
    }
  }

  /// Moves the first `length` bytes behind `output`.
  mutating func move(_ length: Int, to output: inout ByteBuffer) {
    precondition(length <= count, "what is sent was written")
    count -= length
    var left = length
    while left > 0 {
      let step = min(left, pieces[first].count)
      pieces[first].withReadableBytes { output.append(UnsafeRawBufferPointer(rebasing: $0[..<step])) }
      pieces[first].consume(step)
      left -= step
      if pieces[first].isEmpty { dropFirst() }
    }
  }

  private mutating func dropFirst() {
    pieces[first] = ByteBuffer()
    first += 1
    if first == pieces.count {
      pieces.removeAll(keepingCapacity: true)
      first = 0
      ownsLast = false
    }
  }

  /// Forgets everything.
  mutating func removeAll() { self = HTTP2OutboundQueue() }
}
