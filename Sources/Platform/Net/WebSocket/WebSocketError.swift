// Why a connection could not be made, or could not go on. What is the peer's fault has a close code.

public import Runtime

/// Why something with a WebSocket failed.
public enum WebSocketError: Error, Hashable, Sendable {
  /// The peer broke the framing rules.
  case violation(ProtocolViolation)
  /// A text, or the reason of a close frame, is not UTF-8.
  case invalidText
  /// A frame's payload exceeds the limit.
  case frameTooLarge(bytesMaximum: Int)
  /// A message, as sent or decompressed, exceeds the limit.
  case messageTooLarge(bytesMaximum: Int)
  /// A message has more frames than the limit.
  case tooManyFragments(maximum: Int)
  /// A compressed message cannot be decompressed.
  case undecodable
  /// zlib could not get the memory it works in.
  case compressorUnavailable
  /// Nothing can be sent any more: a close frame was sent, or the connection has ended.
  case closed
  /// The send queue is full and stayed so.
  case sendQueueFull
  /// The peer showed no sign of life.
  case unresponsive
  /// The connection ended without a close frame, or could not be made.
  case network(NetworkError)
  /// The opening handshake failed.
  case handshake(HandshakeFailure)

  /// What to tell the peer; nil when there is nobody to tell, or nothing.
  public var closeCode: CloseCode? {
    switch self {
    case .violation: .protocolError
    case .invalidText, .undecodable: .invalidPayload
    case .frameTooLarge, .messageTooLarge: .messageTooBig
    case .tooManyFragments: .policyViolation
    case .compressorUnavailable: .internalError
    case .closed, .sendQueueFull, .unresponsive, .network, .handshake: nil
    }
  }
}
