// A server that answers Echo, on a loop of its own.

import Bytes
import EchoService
import Foundation
import GRPC
import GRPCServer
import HTTP1
import HTTPServer
import Peers
import Runtime
import Telemetry

/// A server under test.
struct GRPCServerFixture: Sendable {
  let port: UInt16
  let metrics: MetricRegistry
  let server: HTTPServer

  /// Runs `body` with a server of Echo that gives back the metadata it got.
  static func with<Result>(
    services: [GRPCService] = [], configure: (inout GRPCRouter.Configuration) -> Void = { _ in },
    _ body: (GRPCServerFixture) async throws -> Result
  ) async throws -> Result {
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 1))
    let logs = try LogPipeline(sink: MemorySink(), levels: try LogLevels(parsing: "debug"))
    let metrics = MetricRegistry()
    var configuration = GRPCRouter.Configuration(name: "test")
    configuration.admission = [Echoing()]
    configure(&configuration)
    let router = GRPCRouter(
      [Varve_Testing_V1_EchoService.service(EchoAnswers())] + services, configuration, metrics: metrics,
      logger: logs.logger("grpc"))
    do {
      var http = HTTPServer.Configuration(name: "test", address: .ip(.loopbackV4, port: 0))
      http.limits.bodyBytesMaximum = .max
      let server = try HTTPServer(
        http, on: group, time: SystemTime(), metrics: metrics, logger: logs.logger("http"), handler: router)
      guard let port = server.address.port else { throw ForeignProgram.Failure("the server has no port") }
      let result = try await body(GRPCServerFixture(port: port, metrics: metrics, server: server))
      await server.drain(within: .zero)
      await group.shutdown()
      return result
    } catch {
      await group.shutdown()
      throw error
    }
  }

  /// What the value of a series is.
  func count(_ series: String) -> Int? {
    var buffer = ByteBuffer()
    metrics.render(into: &buffer)
    let lines = buffer.withReadableBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix(series + " ") }) else { return nil }
    return line.split(separator: " ").last.flatMap { Int($0) }
  }
}

/// Gives back the metadata that a call came with, or refuses it when it asks for that.
private struct Echoing: GRPCAdmission {
  func admit(_ call: GRPCCall) async throws(GRPCStatus) {
    if call.metadata.text("x-refuse") != nil {
      throw GRPCStatus(.permissionDenied, "x-refuse says so")
    }
    if let text = call.metadata.text("x-text") {
      try call.responseMetadata.append("x-text", text)
      try call.trailingMetadata.append("x-trailer", "the end")
    }
    if let bytes = call.metadata.bytes("x-bytes-bin") {
      try call.responseMetadata.append("x-bytes-bin", bytes: bytes)
    }
  }
}
