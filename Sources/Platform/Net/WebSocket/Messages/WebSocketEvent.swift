// What the decoder finds in the peer's bytes.

public import Bytes

/// Something a peer has said.
public enum WebSocketEvent: Hashable, Sendable {
  /// A whole message.
  case message(WebSocketMessage)
  /// To be answered with a pong of the same payload.
  case ping(ByteBuffer)
  /// Answers a ping, or just says that the peer is alive.
  case pong(ByteBuffer)
  /// The peer will send nothing more.
  case close(CloseFrame)
}
