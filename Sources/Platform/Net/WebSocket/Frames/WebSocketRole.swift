// Which end of a connection we are: it decides who masks and who closes first.

/// An end of a WebSocket connection.
public enum WebSocketRole: Hashable, Sendable {
  /// The end that was connected to: its frames are never masked.
  case server
  /// The end that connected: its frames are always masked.
  case client

  /// The other end.
  public var peer: WebSocketRole { self == .server ? .client : .server }
}
