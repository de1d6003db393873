// A hold on a connection that two tasks are reading and writing, for a third that wants it to end.

/// Ends a connection that others use. The socket stays open for as long as one of these is kept.
public struct ConnectionBreaker: Sendable {
  let stream: SocketStream

  /// Ends the connection in both directions at once: whoever waits stops waiting.
  public func abort() { stream.abort() }
}
