// A server of WebSockets for tests: an HTTP server whose handler upgrades whatever asks for it.

import HTTP
import HTTPServer
import Runtime
import TLS
import Telemetry
import WebSocket
import WebSocketServer

/// Serves WebSockets and nothing else.
struct UpgradeServer: HTTPHandler {
  var handshake = ServerHandshake()
  var configuration = WebSocketConfiguration()
  var tls: TLSServerContext?
  /// Told how each connection ended.
  var onEnd: @Sendable (WebSocketClosure) -> Void = { _ in }
  var handler: WebSocketConnection.Handler

  /// Starts listening.
  func listen(
    at address: SocketAddress, on group: EventLoopGroup, time: some TimeSource = SystemTime()
  ) throws(NetworkError) -> HTTPServer {
    var configuration = HTTPServer.Configuration(name: "websocket", address: address)
    configuration.tls = tls
    return try HTTPServer(
      configuration, on: group, time: time, metrics: MetricRegistry(), logger: .disabled, handler: self)
  }

  func respond(to exchange: inout Exchange) async throws(HTTPError) {
    try await exchange.upgradeToWebSocket(
      handshake, configuration: configuration, ended: onEnd, handler: handler)
  }

  /// Sends every message back.
  @Sendable static func echo(_ connection: inout WebSocketConnection) async throws(WebSocketError) {
    while let message = try await connection.next() { try await connection.send(message) }
  }
}
