// A server of WebSockets for tests: reads one request with HTTP's own parser, upgrades or refuses it, and
// runs a handler. A real server does the same with its upgrade hook.

import Bytes
import HTTP
import HTTP1
import Runtime
import WebSocket

/// Serves WebSockets and nothing else.
struct UpgradeServer: Sendable {
  var handshake = ServerHandshake()
  var configuration = WebSocketConfiguration()
  /// Told how each connection ended.
  var onEnd: @Sendable (WebSocketClosure) -> Void = { _ in }
  var handler: WebSocketConnection.Handler

  /// Starts listening.
  func listen(at address: SocketAddress, on group: EventLoopGroup) throws(NetworkError) -> SocketServer {
    try SocketServer(listeningAt: address, on: group) { connection in await serve(connection) }
  }

  private func serve(_ connection: consuming Connection) async {
    var connection = connection
    do throws(NetworkError) {
      guard let agreement = try await upgrade(&connection) else { return }
      let closure = await WebSocketConnection.run(
        connection, agreement, configuration: configuration, handler: handler)
      onEnd(closure)
    } catch {
      // A client that leaves before it has asked.
      return
    }
  }

  /// Answers the request: nil when it was refused.
  private func upgrade(_ connection: inout Connection) async throws(NetworkError) -> WebSocketAgreement? {
    let deadline = connection.loop.deadline(in: .seconds(10))
    var parser = HTTP1RequestParser()
    while true {
      var head: HTTPRequestHead?
      do throws(HTTP1Error) { head = try parser.next(from: &connection.input)?.head } catch { return nil }
      if let head { return try await answer(head, &connection, until: deadline) }
      if try await connection.receive(until: deadline) == 0 { throw .closed }
    }
  }

  private func answer(
    _ head: HTTPRequestHead, _ connection: inout Connection, until deadline: MonotonicInstant
  ) async throws(NetworkError) -> WebSocketAgreement? {
    do throws(WebSocketError) {
      let acceptance = try handshake.decide(method: head.method.description) { head.fields.values(of: $0) }
      // Sent by the connection's writer.
      acceptance.write(to: &connection.output)
      return acceptance.agreement
    } catch {
      guard case .handshake(let failure) = error else { return nil }
      connection.output.append("HTTP/1.1 \(failure.status) Refused\r\nContent-Length: 0\r\n")
      for (name, value) in failure.fields { connection.output.append("\(name): \(value)\r\n") }
      connection.output.append("\r\n")
      try await connection.finishWriting(until: deadline)
      return nil
    }
  }

  /// Sends every message back.
  @Sendable static func echo(_ connection: inout WebSocketConnection) async throws(WebSocketError) {
    while let message = try await connection.next() { try await connection.send(message) }
  }
}
