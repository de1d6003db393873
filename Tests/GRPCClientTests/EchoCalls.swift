// The same calls to two servers: grpcio's and ours.

import Bytes
import EchoService
import Foundation
import GRPC
import GRPCClient
import GRPCServer
import HTTP1
import HTTPServer
import Peers
import Runtime
import Telemetry
import Testing

typealias Request = Varve_Testing_V1_EchoRequest
typealias Response = Varve_Testing_V1_EchoResponse
typealias Methods = Varve_Testing_V1_EchoService.Methods

/// Who answers.
enum EchoServerKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case ours, python, pythonCompressing
  var testDescription: String { rawValue }
}

/// A channel to a server of Echo.
struct EchoFixture: Sendable {
  let channel: GRPCChannel
  let group: EventLoopGroup

  /// Runs `body` with a channel to a server of a kind.
  static func with<Result>(
    _ kind: EchoServerKind, configure: (inout GRPCChannel.Configuration) -> Void = { _ in },
    _ body: (EchoFixture) async throws -> Result
  ) async throws -> Result {
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 2))
    do {
      let result: Result
      switch kind {
      case .ours:
        let server = try serve(on: group)
        let port = try #require(server.address.port)
        result = try await connected(to: port, group, configure, body)
        await server.drain(within: .zero)
      case .python, .pythonCompressing:
        let server = try await blocking { try EchoPeerServer(kind == .python ? [] : ["gzip"]) }
        result = try await connected(to: server.port, group, configure, body)
        server.kill()
      }
      await group.shutdown()
      return result
    } catch {
      await group.shutdown()
      throw error
    }
  }

  private static func connected<Result>(
    to port: UInt16, _ group: EventLoopGroup, _ configure: (inout GRPCChannel.Configuration) -> Void,
    _ body: (EchoFixture) async throws -> Result
  ) async throws -> Result {
    let channel = try channel(to: port, group, configure)
    let result = try await body(EchoFixture(channel: channel, group: group))
    await channel.close(within: .zero)
    return result
  }

  static func channel(
    to port: UInt16, _ group: EventLoopGroup,
    _ configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
  ) throws -> GRPCChannel {
    let logs = try LogPipeline(sink: MemorySink(), levels: try LogLevels(parsing: "debug"))
    var configuration = GRPCChannel.Configuration(host: "127.0.0.1", port: port)
    configure(&configuration)
    return GRPCChannel(configuration, on: group.loops[1], logger: logs.logger("channel"))
  }

  /// A server of ours.
  static func serve(on group: EventLoopGroup, port: UInt16 = 0) throws -> HTTPServer {
    let logs = try LogPipeline(sink: MemorySink(), levels: try LogLevels(parsing: "debug"))
    var configuration = GRPCRouter.Configuration(name: "test")
    configuration.admission = [Echoing()]
    configuration.limits.receivedMessageBytesMaximum = 64 << 20
    let metrics = MetricRegistry()
    let router = GRPCRouter(
      [Varve_Testing_V1_EchoService.service(EchoAnswers())], configuration, metrics: metrics,
      logger: logs.logger("grpc"))
    var http = HTTPServer.Configuration(name: "test", address: .ip(.loopbackV4, port: port))
    http.limits.bodyBytesMaximum = .max
    return try HTTPServer(
      http, on: group, time: SystemTime(), metrics: metrics, logger: logs.logger("http"), handler: router)
  }
}

/// Gives back the metadata that a call came with.
private struct Echoing: GRPCAdmission {
  func admit(_ call: GRPCCall) async throws(GRPCStatus) {
    if let text = call.metadata.text("x-text") { try call.responseMetadata.append("x-text", text) }
    if let bytes = call.metadata.bytes("x-bytes-bin") {
      try call.responseMetadata.append("x-bytes-bin", bytes: bytes)
    }
    try call.trailingMetadata.append("x-trailer", "the end")
  }
}

/// What `body` returns, run on a thread of its own.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
  }
}

/// The status that `body` throws; nil when it does not.
func status(_ body: () async throws(GRPCStatus) -> Void) async -> GRPCStatus? {
  do throws(GRPCStatus) {
    try await body()
    return nil
  } catch {
    return error
  }
}

extension Request {
  init(_ text: String = "", payload: ByteBuffer = ByteBuffer(), times: Int = 0, delay: Int = 0, fail: Int = 0)
  {
    self.init()
    self.text = text
    self.payload = payload
    self.repeat = UInt32(times)
    delayMs = UInt32(delay)
    failCode = UInt32(fail)
  }
}
