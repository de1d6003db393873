// Why an opening handshake failed, on either side.

/// Why a connection did not become a WebSocket.
public enum HandshakeFailure: Hashable, Sendable {
  // As a server sees it.
  /// The method is not GET.
  case method
  /// The request does not ask for the WebSocket protocol.
  case notAnUpgrade
  /// The key is missing, repeated, or not 16 bytes in base64.
  case key
  /// The version is not 13.
  case version
  /// The page's origin is not allowed.
  case origin
  /// The field is malformed.
  case malformed(String)
  /// No subprotocol of the client's is one of ours, and one is needed.
  case subprotocol

  // As a client sees it.
  /// The answer is not HTTP/1.1, or exceeds a limit.
  case malformedAnswer(String)
  /// The server answered otherwise.
  case refused(status: Int)
  /// The server's Sec-WebSocket-Accept is not the one to our key.
  case accept
  /// The server agreed to an extension, or parameters of one, that we did not offer.
  case unexpectedExtension
  /// The server chose a subprotocol that we did not offer.
  case unexpectedSubprotocol

  /// The status to refuse a request with.
  public var status: Int {
    switch self {
    case .method: 405
    case .origin: 403
    case .version, .notAnUpgrade: 426
    default: 400
    }
  }

  /// Fields that belong to the refusal.
  public var fields: [(name: StaticString, value: String)] {
    switch self {
    case .method: [("Allow", "GET")]
    case .version, .notAnUpgrade:
      [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")]
    default: []
    }
  }
}
