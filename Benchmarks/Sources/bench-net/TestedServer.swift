// Our side: a server with a page in memory and files that are kept open, as nginx keeps them.

import Bytes
import CEchoPeer
import EchoService
import Foundation
import GRPCServer
import HTTP
import HTTPServer
import Runtime
import TLS
import Telemetry
import WebSocket
import WebSocketServer

/// The server under test.
enum TestedServer {
  static let files = [("1k", 1 << 10), ("64k", 64 << 10), ("1m", 1 << 20)]

  static let (port, tlsPort, grpcPort) = (18_081, 18_085, 18_086)

  static func run(folder: String) throws {
    let group = try EventLoopGroup(.init(loops: 1))
    let metrics = MetricRegistry()
    let pages = try BenchHandler(folder: folder)
    let identity = TLSIdentity(
      certificateFile: TestFiles.certificate(in: folder), keyFile: TestFiles.key(in: folder))
    let tls = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
    let calls = GRPCRouter(
      [Varve_Testing_V1_EchoService.service(EchoAnswers())], .init(name: "grpc"), metrics: metrics,
      logger: .disabled)
    func serve(
      _ name: String, _ port: Int, _ tls: TLSServerContext? = nil, _ handler: some HTTPHandler
    ) throws -> HTTPServer {
      var configuration = HTTPServer.Configuration(
        name: name, address: .ip(.loopbackV4, port: UInt16(port)))
      configuration.requestsPerConnectionMaximum = .max
      configuration.limits.bodyBytesMaximum = .max
      configuration.accessLogLevel = nil
      // Idle connections stay while they are counted.
      configuration.timeouts.idle = .seconds(3600)
      configuration.tls = tls
      return try HTTPServer(
        configuration, on: group, time: SystemTime(), metrics: metrics, logger: .disabled, handler: handler)
    }
    // The first one last: whoever waits for a server asks its port.
    let servers = [
      try serve("tls", tlsPort, tls, pages), try serve("grpc", grpcPort, nil, calls),
      try serve("bench", port, nil, pages),
    ]
    withExtendedLifetime(servers) {
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
    if path == "/hello" { return try await exchange.respond(HTTPResponse(text: "hello")) }
    if path == "/echo" {
      return try await exchange.upgradeToWebSocket { connection throws(WebSocketError) in
        while let message = try await connection.next() { try await connection.send(message) }
      }
    }
    guard let file = files[path] else { throw .notFound() }
    try await exchange.respond(file)
  }
}
