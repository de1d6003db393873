// The gRPC port as a service of the node: the log, health and reflection. It listens when the node is told where.

import AdminGateway
import CommandLine
import GRPC
import GRPCServer
import GRPCServices
import HTTPServer
import Lifecycle
import LogGateway
import Runtime
import Telemetry

/// Serves gRPC from start to stop.
final class GRPCNodeService: Service {
  let name = "grpc"
  private let configuration: HTTPServer.Configuration
  private let group: EventLoopGroup
  private let handler: GRPCRouter
  private let health: GRPCHealth
  private let metrics: MetricRegistry
  private let logger: Logger
  private let time: any TimeSource
  private let server = Locked<HTTPServer?>(nil)

  /// A port that will listen when it is started, unless it has no address.
  ///
  /// - Parameter log: what the node keeps, open when this is started.
  init(
    _ configuration: HTTPServer.Configuration, log: LogProvider, on group: EventLoopGroup,
    metrics: MetricRegistry, logger: Logger, time: some TimeSource
  ) throws(GRPCReflectionError) {
    self.configuration = configuration
    self.group = group
    self.metrics = metrics
    self.logger = logger
    self.time = time
    health = GRPCHealth(.serving)
    var services = [log.service, health.service]
    services += try GRPCReflection(of: services).services
    var router = GRPCRouter.Configuration(name: "grpc")
    // A batch of the largest kind, and what is around it.
    router.limits.receivedMessageBytesMaximum = 64 << 20
    handler = GRPCRouter(services, router, metrics: metrics, logger: logger)
  }

  /// Where it listens; nowhere before it is started, or when it was not told where.
  var addresses: [SocketAddress] { server.withLock { $0?.addresses ?? [] } }

  func start() async throws {
    if configuration.addresses.isEmpty { return }
    let started = try HTTPServer(
      configuration, on: group, time: time, metrics: metrics, logger: logger, handler: handler)
    server.withLock { $0 = started }
    for address in started.addresses {
      logger.info(
        "listening", ["address": .describing(address), "tls": .bool(configuration.tls != nil)])
    }
  }

  func stop(deadline: MonotonicInstant) async {
    guard let server = server.withLock({ $0 }) else { return }
    // Whoever watches learns first, and asks another node.
    health.shutDown()
    let cut = await server.drain(within: deadline.since(time.monotonic) * 6 / 10)
    if cut > 0 { logger.warning("connections cut at the deadline", ["count": .int(cut)]) }
  }
}
