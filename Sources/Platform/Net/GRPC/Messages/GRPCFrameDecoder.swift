// Messages out of a body: each has five bytes before it, whether it is compressed and how long it is. Pieces of the body
// come as they come; messages leave whole.

package import Bytes

/// A message as it was sent.
package struct GRPCFrame: Hashable, Sendable {
  /// Whether the bytes are to be decompressed first.
  package let isCompressed: Bool
  package let bytes: ByteBuffer
}

/// Cuts a body into messages.
package struct GRPCFrameDecoder: Sendable {
  /// The bytes before each message.
  package static let prefixBytes = 5

  private let bytesMaximum: Int
  private var pending = ByteBuffer()

  /// - Parameter bytesMaximum: how long a message may be, as it was sent.
  package init(bytesMaximum: Int) {
    precondition(bytesMaximum >= 0, "a message has a length")
    self.bytesMaximum = bytesMaximum
  }

  /// Takes the next piece of the body.
  package mutating func receive(_ piece: ByteBuffer) {
    if pending.isEmpty { pending = piece } else { pending.append(piece) }
  }

  /// The next message; nil when more of the body is needed.
  ///
  /// - Throws: `internal` for what is no message, `resourceExhausted` for one that is too long: before it is here.
  package mutating func next() throws(GRPCStatus) -> GRPCFrame? {
    guard pending.count >= Self.prefixBytes else { return nil }
    guard pending[0] <= 1 else {
      throw GRPCStatus(.internal, "a message begins with \(pending[0]), which says nothing of compression")
    }
    var length = 0
    for index in 1...4 { length = length << 8 | Int(pending[index]) }
    guard length <= bytesMaximum else {
      throw GRPCStatus(.resourceExhausted, "a message of \(length) bytes, of at most \(bytesMaximum)")
    }
    // No room is made ahead of the bytes: five of them can promise megabytes.
    guard pending.count >= Self.prefixBytes + length else { return nil }
    let isCompressed = pending[0] == 1
    pending.consume(Self.prefixBytes)
    return GRPCFrame(isCompressed: isCompressed, bytes: pending.split(length))
  }

  /// Says when the body has ended inside a message.
  package func finish() throws(GRPCStatus) {
    if !pending.isEmpty { throw GRPCStatus(.internal, "the body ends inside a message") }
  }

  /// Writes a message's prefix.
  package static func writePrefix(isCompressed: Bool, count: Int, to buffer: inout ByteBuffer) {
    buffer.append(isCompressed ? 1 : 0)
    buffer.append(bigEndian: UInt32(count))
  }
}
