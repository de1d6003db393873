// Writes frames: those of a server as they are, those of a client masked with a key that nobody can guess
// (RFC 6455 section 10.3), which is why the keys come from the kernel, many at a time.

public import Bytes
public import Runtime

/// Writes the frames of one end.
public struct FrameEncoder: Sendable {
  private static let keysAtOnce = 64

  /// Whose frames these are.
  public let role: WebSocketRole
  private let random: any RandomSource
  private var keys: ContiguousArray<UInt32> = []

  /// - Parameters:
  ///   - role: whose frames these are.
  ///   - random: where a client's keys come from.
  public init(role: WebSocketRole, random: any RandomSource = SystemRandom()) {
    self.role = role
    self.random = random
  }

  /// Appends one frame.
  public mutating func append(
    _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isFinal: Bool = true, isCompressed: Bool = false,
    to buffer: inout ByteBuffer
  ) {
    let key = nextKey()
    let header = FrameHeader(
      isFinal: isFinal, isCompressed: isCompressed, opcode: opcode, payloadCount: payload.count, maskKey: key)
    buffer.reserve(FrameHeader.bytesMaximum + payload.count)
    header.write(to: &buffer)
    let start = buffer.count
    buffer.append(payload)
    if let key {
      buffer.withMutableReadableBytes { bytes in
        key.apply(to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
      }
    }
  }

  /// Appends one frame.
  public mutating func append(
    _ opcode: Opcode, _ payload: ByteBuffer, isFinal: Bool = true, isCompressed: Bool = false,
    to buffer: inout ByteBuffer
  ) {
    payload.withReadableBytes {
      append(opcode, $0, isFinal: isFinal, isCompressed: isCompressed, to: &buffer)
    }
  }

  private mutating func nextKey() -> MaskKey? {
    guard role == .client else { return nil }
    if keys.isEmpty {
      let random = random
      keys.append(contentsOf: repeatElement(0, count: Self.keysAtOnce))
      keys.withUnsafeMutableBytes { random.fill($0) }
    }
    return MaskKey(littleEndian: keys.removeLast())
  }
}
