// The bytes before a frame's payload (RFC 6455 section 5.2), read and written. Reading checks all that the
// header alone can tell; what depends on earlier frames is the decoder's to check.

public import Bytes

/// What precedes a frame's payload.
public struct FrameHeader: Hashable, Sendable {
  /// The longest header: two bytes, an eight-byte length, a key.
  public static let bytesMaximum = 14
  /// The longest payload of a control frame.
  public static let controlBytesMaximum = 125

  /// Whether the frame ends its message.
  public var isFinal: Bool
  /// RSV1: whether the message that begins here is compressed (RFC 7692).
  public var isCompressed: Bool
  /// What the frame carries.
  public var opcode: Opcode
  /// How many bytes of payload follow.
  public var payloadCount: Int
  /// The key that the payload is masked with; nil when it is not.
  public var maskKey: MaskKey?

  /// A header with these parts.
  public init(
    isFinal: Bool = true, isCompressed: Bool = false, opcode: Opcode, payloadCount: Int,
    maskKey: MaskKey? = nil
  ) {
    precondition(payloadCount >= 0, "a payload has a size")
    precondition(
      !opcode.isControl || (isFinal && payloadCount <= Self.controlBytesMaximum && !isCompressed),
      "a control frame is short and whole")
    self.isFinal = isFinal
    self.isCompressed = isCompressed
    self.opcode = opcode
    self.payloadCount = payloadCount
    self.maskKey = maskKey
  }

  // MARK: Reading

  /// Reads the header that `bytes` begin with; nil while more bytes are needed.
  ///
  /// - Parameters:
  ///   - bytes: what has arrived.
  ///   - sender: who sent it: a client must mask, a server must not.
  ///   - allowsCompression: whether RSV1 has been given a meaning.
  /// - Returns: the header and its length.
  public static func parse(
    _ bytes: UnsafeRawBufferPointer, from sender: WebSocketRole, allowsCompression: Bool
  ) throws(WebSocketError) -> (header: FrameHeader, count: Int)? {
    guard let first = bytes.first else { return nil }
    let isFinal = first & 0x80 != 0
    let isCompressed = first & 0x40 != 0
    // Refused at the first byte: what follows cannot make it right.
    guard let opcode = Opcode(rawValue: first & 0x0f) else { throw .violation(.reservedOpcode) }
    if first & 0x30 != 0 { throw .violation(.reservedBit) }
    if isCompressed && !(allowsCompression && (opcode == .text || opcode == .binary)) {
      throw .violation(.reservedBit)
    }
    if opcode.isControl && !isFinal { throw .violation(.fragmentedControl) }
    guard bytes.count >= 2 else { return nil }
    let second = bytes[1]
    let isMasked = second & 0x80 != 0
    if isMasked != (sender == .client) { throw .violation(isMasked ? .masked : .unmasked) }
    let short = Int(second & 0x7f)
    if opcode.isControl && short > controlBytesMaximum { throw .violation(.longControl) }
    let lengthCount = short == 127 ? 8 : short == 126 ? 2 : 0
    let count = 2 + lengthCount + (isMasked ? 4 : 0)
    guard bytes.count >= count else { return nil }
    let payloadCount = try length(short, bytes)
    var key: MaskKey?
    if isMasked { key = MaskKey(wire: bytes.loadUnaligned(fromByteOffset: 2 + lengthCount, as: UInt32.self)) }
    let header = FrameHeader(
      isFinal: isFinal, isCompressed: isCompressed, opcode: opcode, payloadCount: payloadCount, maskKey: key)
    return (header, count)
  }

  /// The length, which must have been written in the shortest form.
  private static func length(
    _ short: Int, _ bytes: UnsafeRawBufferPointer
  ) throws(WebSocketError) -> Int {
    switch short {
    case 126:
      let length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
      if length < 126 { throw .violation(.lengthNotMinimal) }
      return length
    case 127:
      let length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
      if length > UInt64(Int.max) { throw .violation(.lengthOverflow) }
      if length <= UInt64(UInt16.max) { throw .violation(.lengthNotMinimal) }
      return Int(length)
    default:
      return short
    }
  }

  // MARK: Writing

  /// How many bytes the header takes.
  public var count: Int {
    2 + (payloadCount < 126 ? 0 : payloadCount <= Int(UInt16.max) ? 2 : 8) + (maskKey == nil ? 0 : 4)
  }

  /// Appends the header.
  public func write(to buffer: inout ByteBuffer) {
    buffer.reserve(Self.bytesMaximum)
    buffer.append((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
    let mask: UInt8 = maskKey == nil ? 0 : 0x80
    if payloadCount < 126 {
      buffer.append(mask | UInt8(payloadCount))
    } else if payloadCount <= Int(UInt16.max) {
      buffer.append(mask | 126)
      buffer.append(bigEndian: UInt16(payloadCount))
    } else {
      buffer.append(mask | 127)
      buffer.append(bigEndian: UInt64(payloadCount))
    }
    if let maskKey { buffer.append(littleEndian: maskKey.littleEndianValue) }
  }
}
