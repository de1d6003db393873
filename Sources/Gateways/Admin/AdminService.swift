// The admin port as a service of the node.

public import HTTPServer
public import Lifecycle
public import Runtime
public import Telemetry

/// Listens on the admin port from start to stop.
public final class AdminService: Service {
  /// What the node calls it.
  public let name = "admin"

  private let configuration: HTTPServer.Configuration
  private let group: EventLoopGroup
  private let responder: AdminResponder
  private let metrics: MetricRegistry
  private let logger: Logger
  private let time: any TimeSource
  private let server = Locked<HTTPServer?>(nil)

  /// An admin port that will listen when it is started.
  public init(
    _ configuration: HTTPServer.Configuration, on group: EventLoopGroup, responder: AdminResponder,
    metrics: MetricRegistry, logger: Logger, time: some TimeSource
  ) {
    self.configuration = configuration
    self.group = group
    self.responder = responder
    self.metrics = metrics
    self.logger = logger
    self.time = time
  }

  /// Where it listens; nowhere before it is started.
  public var addresses: [SocketAddress] { server.withLock { $0?.addresses ?? [] } }

  /// Whether it speaks TLS.
  public var isEncrypted: Bool { configuration.tls != nil }

  /// Listens.
  public func start() async throws {
    let started = try HTTPServer(
      configuration, on: group, time: time, metrics: metrics, logger: logger, handler: responder)
    server.withLock { $0 = started }
    for address in started.addresses {
      logger.info("listening", ["address": .describing(address), "tls": .bool(isEncrypted)])
    }
  }

  /// Lets requests in flight be answered; keeps back a tenth of the time for what is stopped after it.
  public func stop(deadline: MonotonicInstant) async {
    let patience = deadline.since(time.monotonic) * 9 / 10
    let cut = await server.withLock { $0 }?.drain(within: patience) ?? 0
    if cut > 0 { logger.warning("connections cut at the deadline", ["count": .int(cut)]) }
  }
}
