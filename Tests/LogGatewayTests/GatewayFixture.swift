// A log on a fresh directory, served over gRPC, and a channel to it.

import Files
import Foundation
import GRPC
import GRPCClient
import GRPCServer
import HTTPServer
import Log
import LogGateway
import LogProtocol
import Peers
import RemoteLog
import Runtime
import Telemetry
import Testing

/// A served log.
struct GatewayFixture: Sendable {
  static let tokens: [LogAccess.Right: String] = [
    .read: "token-for-readers", .append: "token-for-writers", .manage: "token-for-managers",
  ]

  let log: EventLog
  let group: EventLoopGroup
  let port: UInt16

  /// Runs `body` with a served log.
  static func with<Result>(_ body: (GatewayFixture) async throws -> Result) async throws -> Result {
    let folder = try TemporaryFolder()
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 2))
    do {
      let log = try await EventLog.open(
        EventLog.Configuration(path: FilePath(folder.path("log"))), files: LocalFiles(), pool: group.pool)
      let server = try serve(log, on: group, port: 0)
      let port = try #require(server.address.port)
      let result = try await body(GatewayFixture(log: log, group: group, port: port))
      await server.drain(within: .zero)
      try await log.close()
      await group.shutdown()
      return result
    } catch {
      await group.shutdown()
      throw error
    }
  }

  /// A server of `log`.
  static func serve(_ log: EventLog, on group: EventLoopGroup, port: UInt16) throws -> HTTPServer {
    var configuration = LogProvider.Configuration()
    for (right, token) in tokens { configuration.access.grant(right, to: right.rawValue, token: token) }
    configuration.tailInterval = .milliseconds(50)
    let logs = try LogPipeline(sink: MemorySink(), levels: try LogLevels(parsing: "debug"))
    let router = GRPCRouter(
      [LogProvider(configuration) { log }.service], GRPCRouter.Configuration(name: "test"),
      metrics: MetricRegistry(), logger: logs.logger("grpc"))
    return try HTTPServer(
      HTTPServer.Configuration(name: "test", address: .ip(.loopbackV4, port: port)), on: group,
      time: SystemTime(), metrics: MetricRegistry(), logger: logs.logger("http"), handler: router)
  }

  /// A channel that shows the token of a right; nil: none.
  func channel(_ right: LogAccess.Right?, to port: UInt16? = nil) throws -> GRPCChannel {
    var configuration = GRPCChannel.Configuration(host: "127.0.0.1", port: port ?? self.port)
    configuration.backoffMaximum = .milliseconds(50)
    if let right, let token = Self.tokens[right] {
      try configuration.metadata.append("authorization", "Bearer \(token)")
    }
    return GRPCChannel(configuration, on: group.loops[1], logger: .disabled)
  }

  /// Runs `body` with the log over the network.
  func remote<Result>(
    _ right: LogAccess.Right? = .manage, _ body: (RemoteLog) async throws -> Result
  ) async throws -> Result {
    let channel = try channel(right)
    let result = try await body(RemoteLog(channel))
    await channel.close(within: .zero)
    return result
  }
}

/// The log's error that `body` throws; nil when it does not.
func refusal(_ body: () async throws(LogError) -> Void) async -> LogError? {
  do throws(LogError) {
    try await body()
    return nil
  } catch {
    return error
  }
}
