// How an encrypted transport begins: a handshake on a connection.

public import Runtime

extension Transport {
  /// Shakes hands with a client that has connected.
  ///
  /// - Parameters:
  ///   - connection: what the client connected to; it closes when the handshake fails.
  ///   - context: who we are.
  ///   - deadline: when to give up with `.timedOut`; nil for the context's own timeout.
  public static func accept(
    _ connection: consuming Connection, _ context: TLSServerContext,
    until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) -> Transport {
    let stream = TLSStream(context.makeSession(), on: connection.loop)
    let limit = connection.loop.deadline(in: context.configuration.handshakeTimeout)
    try await stream.handshake(&connection, until: deadline ?? limit)
    return Transport(connection, secure: stream)
  }

  /// Shakes hands with a server that was connected to.
  ///
  /// - Parameters:
  ///   - connection: the connection to the server; it closes when the handshake fails.
  ///   - context: whom we trust, and who we are.
  ///   - host: the name or address that the server's certificate must be for.
  ///   - applicationProtocols: what may be spoken inside, best first: "h2", "http/1.1".
  ///   - deadline: when to give up with `.timedOut`; nil for the context's own timeout.
  public static func connect(
    _ connection: consuming Connection, _ context: TLSClientContext, host: String,
    applicationProtocols: [String] = [], until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) -> Transport {
    let session: TLSSession
    do throws(TLSFailure) {
      session = try context.makeSession(host: host, applicationProtocols: applicationProtocols)
    } catch {
      throw .tls(error)
    }
    let stream = TLSStream(session, on: connection.loop)
    let limit = connection.loop.deadline(in: context.configuration.handshakeTimeout)
    try await stream.handshake(&connection, until: deadline ?? limit)
    return Transport(connection, secure: stream)
  }
}
