// Connects to a server, asks it for a WebSocket, and runs the connection.

public import Runtime

/// The connecting side.
public enum WebSocketClient {
  /// Connects to a host and runs a handler on the connection. On `loop` only.
  ///
  /// - Parameters:
  ///   - host: a name or an address.
  ///   - port: where it listens.
  ///   - request: what to ask it for.
  ///   - loop: where the connection lives.
  ///   - configuration: how to run it.
  ///   - handler: what to do with it.
  /// - Returns: how it ended. Throws when it never began.
  public static func connect(
    toHost host: String, port: UInt16, _ request: ClientHandshake.Request, on loop: EventLoop,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    handler: @escaping WebSocketConnection.Handler
  ) async throws(WebSocketError) -> WebSocketClosure {
    let deadline = loop.deadline(in: configuration.timeouts.connect)
    var connection: Connection
    do throws(NetworkError) {
      connection = try await loop.connect(toHost: host, port: port, until: deadline)
    } catch {
      throw .network(error)
    }
    return try await upgrade(
      connection, request, until: deadline, configuration: configuration, handler: handler)
  }

  /// Asks for a WebSocket on a connection, and runs a handler on it.
  ///
  /// - Parameters:
  ///   - connection: a fresh connection to the server.
  ///   - request: what to ask for.
  ///   - deadline: when to give up asking.
  ///   - configuration: how to run it.
  ///   - handler: what to do with it.
  /// - Returns: how it ended. Throws when it never began.
  public static func upgrade(
    _ connection: consuming Connection, _ request: ClientHandshake.Request, until deadline: MonotonicInstant,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    handler: @escaping WebSocketConnection.Handler
  ) async throws(WebSocketError) -> WebSocketClosure {
    var connection = connection
    let handshake = ClientHandshake(request, random: configuration.random)
    handshake.write(to: &connection.output)
    do throws(NetworkError) {
      try await connection.flush(until: deadline)
    } catch {
      throw .network(error)
    }
    let agreement = try await receive(handshake, on: &connection, until: deadline)
    return await WebSocketConnection.run(
      connection, agreement, configuration: configuration, handler: handler)
  }

  private static func receive(
    _ handshake: ClientHandshake, on connection: inout Connection, until deadline: MonotonicInstant
  ) async throws(WebSocketError) -> WebSocketAgreement {
    var searched = 0
    while true {
      if let answer = try UpgradeAnswer.take(from: &connection.input, searched: &searched) {
        return try handshake.conclude(status: answer.status, values: answer.values)
      }
      do throws(NetworkError) {
        if try await connection.receive(until: deadline) == 0 { throw .closed }
      } catch {
        throw .network(error)
      }
    }
  }
}
