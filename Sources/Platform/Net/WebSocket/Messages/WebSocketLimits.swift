// What a peer's messages may measure.

/// Limits on what is received.
public struct WebSocketLimits: Hashable, Sendable {
  /// One frame's payload, as sent.
  public var frameBytesMaximum = 1 << 20
  /// One message's payload: as sent, and again once decompressed.
  public var messageBytesMaximum = 1 << 20
  /// The frames of one message.
  public var fragmentsMaximum = 1024

  /// The usual limits.
  public init() {}
}
