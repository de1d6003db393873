// What a session has to tell its driver besides what its streams know themselves.

/// Something that happened on a connection.
public enum HTTP2Event: Sendable {
  /// A client asks something: the stream's request is known. A server's session only.
  case requested(HTTP2Stream)
  /// The peer answered our PING.
  case pong
  /// The peer will take no streams above `lastStream`.
  case goingAway(lastStream: Int32, HTTP2ErrorCode)
}
