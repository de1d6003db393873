// What a frame carries (RFC 6455 section 5.2).

/// The kind of a frame.
public enum Opcode: UInt8, CaseIterable, Sendable {
  /// More of the message that a text or binary frame began.
  case continuation = 0x0
  /// Text, in UTF-8.
  case text = 0x1
  /// Bytes.
  case binary = 0x2
  /// The last frame of its direction.
  case close = 0x8
  /// To be answered with a pong of the same payload.
  case ping = 0x9
  /// Answers a ping, or just says that the peer is alive.
  case pong = 0xa

  /// Whether it is a control frame: short, whole, and allowed between the frames of a message.
  public var isControl: Bool { rawValue & 0x8 != 0 }
}
