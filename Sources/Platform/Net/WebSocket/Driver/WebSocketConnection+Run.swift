// From a connection whose opening handshake is done to its end: one task reads and handles, one writes.

public import TLS

extension WebSocketConnection {
  /// Runs a connection until its end. On the connection's loop.
  ///
  /// - Parameters:
  ///   - transport: its opening handshake is done. What waits in its output is sent first, what is in its input are
  ///     the peer's first frames.
  ///   - agreement: what the handshake settled.
  ///   - configuration: how to run it.
  ///   - handler: what to do with it. An error that it throws on its own account should not be a
  ///     `WebSocketError`: it closes with a code of its choice instead.
  /// - Returns: how it ended.
  public static func run(
    _ transport: consuming Transport, _ agreement: WebSocketAgreement,
    configuration: WebSocketConfiguration = WebSocketConfiguration(), handler: @escaping Handler
  ) async -> WebSocketClosure {
    let socket = WebSocket(agreement, configuration, on: transport.loop)
    let (closure, failure) = await transport.split { half in
      var connection = WebSocketConnection(half, socket)
      do throws(WebSocketError) {
        try await handler(&connection)
      } catch {
        // `next` has told the peer already what was its fault; anything else is ours to be sorry for.
        if connection.end == nil { socket.close(.internalError) }
      }
      let closure = await connection.conclude()
      socket.end()
      return closure
    } writing: { half in
      await OutboxWriter(half, socket).run()
    }
    // A writer that fails breaks the connection off, and that is all the reader has seen.
    guard let failure, !closure.isClean else { return closure }
    return WebSocketClosure(code: closure.code, reason: closure.reason, isClean: false, error: failure)
  }
}
