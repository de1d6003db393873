// The pages of the server that is abused.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Telemetry
import WebSocket
import WebSocketServer

/// What the server's connections did so far, once there is a server.
final class StatisticsPage: Sendable {
  let server = Locked<HTTPServer?>(nil)

  /// `OPEN REFUSED`.
  var text: String {
    let statistics = server.withLock { $0 }?.statistics
    return "\(statistics?.open ?? 0) \(statistics?.refused ?? 0)\n"
  }
}

/// A page for each way to be abused.
struct AbusedPages: HTTPHandler {
  static let bodyBytesMaximum = 1 << 20
  let statistics: StatisticsPage
  let metrics: MetricRegistry

  func respond(to exchange: inout Exchange) async throws(HTTPError) {
    switch exchange.request.path {
    case "/hello":
      try await exchange.respond(HTTPResponse(text: "hello"))
    case "/statistics":
      try await exchange.respond(HTTPResponse(text: statistics.text))
    case "/metrics":
      var page = ByteBuffer()
      metrics.render(into: &page)
      try await exchange.respond(HTTPResponse(body: .bytes(page)))
    case "/inflate":
      let body = try await exchange.decodedBody(limit: Self.bodyBytesMaximum)
      try await exchange.respond(HTTPResponse(text: "\(body.count)"))
    case "/endless":
      try await exchange.start(HTTPResponseHead())
      let piece = ByteBuffer(repeatElement(0x61, count: 16 << 10))
      while true { try await exchange.write(piece) }
    case "/socket":
      var handshake = ServerHandshake()
      handshake.compression = DeflateOptions()
      try await exchange.upgradeToWebSocket(handshake) { connection throws(WebSocketError) in
        while let message = try await connection.next() { try await connection.send(message) }
      }
    default:
      throw .notFound()
    }
  }
}
