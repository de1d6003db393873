// Our side: a server with a page in memory and files that are kept open, as nginx keeps them.

import Bytes
import CEchoPeer
import Foundation
import HTTP
import HTTPServer
import Runtime
import Telemetry
import WebSocket
import WebSocketServer

/// The server under test.
enum TestedServer {
  static let files = [("1k", 1 << 10), ("64k", 64 << 10), ("1m", 1 << 20)]

  static func run(folder: String, port: String) throws {
    guard let port = UInt16(port) else { throw BenchmarkFailure("\(port) is no port") }
    let group = try EventLoopGroup(.init(loops: 1))
    var configuration = HTTPServer.Configuration(name: "bench", address: .ip(.loopbackV4, port: port))
    configuration.requestsPerConnectionMaximum = .max
    configuration.accessLogLevel = nil
    let server = try HTTPServer(
      configuration, on: group, time: SystemTime(), metrics: MetricRegistry(), logger: .disabled,
      handler: try BenchHandler(folder: folder))
    withExtendedLifetime(server) {
      // Until it is terminated.
      while true { pause() }
    }
  }
}

/// Answers with a page from memory or a file.
struct BenchHandler: HTTPHandler {
  private let memory: HTTPResponse
  private let files: [String: HTTPResponse]

  init(folder: String) throws {
    let fields: HTTPFields = [
      "Content-Type": "application/octet-stream", "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
      "ETag": "\"12345678-400\"", "Accept-Ranges": "bytes",
    ]
    memory = HTTPResponse(
      fields: fields, body: .bytes(ByteBuffer([UInt8](repeating: 0x61, count: 1 << 10))))
    var files: [String: HTTPResponse] = [:]
    for (name, size) in TestedServer.files {
      let descriptor = open("\(folder)/files/\(name)", O_RDONLY)
      guard descriptor >= 0 else { throw BenchmarkFailure("\(name) cannot be opened") }
      files["/" + name] = HTTPResponse(
        fields: fields, body: .file(FileRange(descriptor: descriptor, offset: 0, count: size)))
    }
    self.files = files
  }

  func respond(to exchange: inout Exchange) async throws(HTTPError) {
    let path = exchange.request.path
    if path == "/memory/1k" { return try await exchange.respond(memory) }
    if path == "/allocations" {
      return try await exchange.respond(HTTPResponse(text: "\(echo_allocations())"))
    }
    if path == "/echo" {
      return try await exchange.upgradeToWebSocket { connection throws(WebSocketError) in
        while let message = try await connection.next() { try await connection.send(message) }
      }
    }
    guard let file = files[path] else { throw .notFound() }
    try await exchange.respond(file)
  }
}
