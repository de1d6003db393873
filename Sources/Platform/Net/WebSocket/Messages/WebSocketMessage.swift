// What applications exchange: text or bytes, whole.

public import Bytes

/// A message.
public struct WebSocketMessage: Hashable, Sendable {
  /// What a message may be.
  public enum Kind: Hashable, Sendable {
    /// UTF-8.
    case text
    /// Any bytes.
    case binary

    var opcode: Opcode { self == .text ? .text : .binary }
  }

  /// Whether it is text.
  public var kind: Kind
  /// Its bytes; those of a text are valid UTF-8 when the message was received.
  public var payload: ByteBuffer

  /// A message with this payload. A text's must be UTF-8: the peer ends the connection otherwise.
  public init(_ kind: Kind, _ payload: ByteBuffer) {
    self.kind = kind
    self.payload = payload
  }

  /// A text message.
  public static func text(_ text: String) -> WebSocketMessage {
    WebSocketMessage(.text, ByteBuffer(text))
  }

  /// A binary message.
  public static func binary(_ payload: ByteBuffer) -> WebSocketMessage {
    WebSocketMessage(.binary, payload)
  }

  /// The text of a text message; nil for bytes.
  public var text: String? { kind == .text ? String(validating: payload) : nil }
}
