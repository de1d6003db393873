// Which end of a connection a session is.

/// An end of a connection.
public enum HTTP2Role: Hashable, Sendable {
  /// Asks.
  case client
  /// Answers.
  case server
}
