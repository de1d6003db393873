// A source of "randomness" for the examples of the RFCs, which all have one key.

import Bytes
import Runtime

@testable import WebSocket

/// Repeats the same bytes.
struct FixedKey: RandomSource {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func next() -> UInt64 { 4 }

  func fill(_ target: UnsafeMutableRawBufferPointer) {
    for index in target.indices { target[index] = bytes[index % bytes.count] }
  }
}

extension ByteBuffer {
  /// Frames of one end, written one after another.
  static func frames(
    from role: WebSocketRole, _ frames: [(opcode: Opcode, payload: [UInt8], isFinal: Bool)]
  ) -> ByteBuffer {
    var encoder = FrameEncoder(role: role)
    var buffer = ByteBuffer()
    for frame in frames {
      encoder.append(frame.opcode, ByteBuffer(frame.payload), isFinal: frame.isFinal, to: &buffer)
    }
    return buffer
  }
}
