// Connects to a server, asks it for a WebSocket, and runs the connection.

public import Runtime
public import TLS

/// The connecting side.
public enum WebSocketClient {
  /// Connects to a host and runs a handler on the connection. On `loop` only.
  ///
  /// - Parameters:
  ///   - host: a name or an address.
  ///   - port: where it listens.
  ///   - request: what to ask it for.
  ///   - loop: where the connection lives.
  ///   - tls: whom to trust, for a server that speaks TLS; its certificate must be for `host`.
  ///   - configuration: how to run it.
  ///   - handler: what to do with it.
  /// - Returns: how it ended. Throws when it never began.
  public static func connect(
    toHost host: String, port: UInt16, _ request: ClientHandshake.Request, on loop: EventLoop,
    tls: TLSClientContext? = nil, configuration: WebSocketConfiguration = WebSocketConfiguration(),
    handler: @escaping WebSocketConnection.Handler
  ) async throws(WebSocketError) -> WebSocketClosure {
    let deadline = loop.deadline(in: configuration.timeouts.connect)
    let transport: Transport
    do throws(NetworkError) {
      transport = try await open(host, port, on: loop, tls, until: deadline)
    } catch {
      throw .network(error)
    }
    return try await upgrade(
      transport, request, until: deadline, configuration: configuration, handler: handler)
  }

  private static func open(
    _ host: String, _ port: UInt16, on loop: EventLoop, _ tls: TLSClientContext?,
    until deadline: MonotonicInstant
  ) async throws(NetworkError) -> Transport {
    let connection = try await loop.connect(toHost: host, port: port, until: deadline)
    guard let tls else { return Transport(connection) }
    return try await Transport.connect(
      connection, tls, host: host, applicationProtocols: ["http/1.1"], until: deadline)
  }

  /// Asks for a WebSocket on a connection, and runs a handler on it.
  ///
  /// - Parameters:
  ///   - transport: a fresh connection to the server.
  ///   - request: what to ask for.
  ///   - deadline: when to give up asking.
  ///   - configuration: how to run it.
  ///   - handler: what to do with it.
  /// - Returns: how it ended. Throws when it never began.
  public static func upgrade(
    _ transport: consuming Transport, _ request: ClientHandshake.Request, until deadline: MonotonicInstant,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    handler: @escaping WebSocketConnection.Handler
  ) async throws(WebSocketError) -> WebSocketClosure {
    var transport = transport
    let handshake = ClientHandshake(request, random: configuration.random)
    handshake.write(to: &transport.output)
    do throws(NetworkError) {
      try await transport.flush(until: deadline)
    } catch {
      throw .network(error)
    }
    let agreement = try await receive(handshake, on: &transport, until: deadline)
    return await WebSocketConnection.run(
      transport, agreement, configuration: configuration, handler: handler)
  }

  private static func receive(
    _ handshake: ClientHandshake, on transport: inout Transport, until deadline: MonotonicInstant
  ) async throws(WebSocketError) -> WebSocketAgreement {
    var searched = 0
    while true {
      if let answer = try UpgradeAnswer.take(from: &transport.input, searched: &searched) {
        return try handshake.conclude(status: answer.status, values: answer.values)
      }
      do throws(NetworkError) {
        if try await transport.receive(until: deadline) == 0 { throw .closed }
      } catch {
        throw .network(error)
      }
    }
  }
}
