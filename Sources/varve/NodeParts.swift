// Everything a node is made of, made from its configuration: logs, metrics, health, loops, services.

import AdminGateway
import CommandLine
import Configuration
import Files
import HTTP1
import HTTPServer
import Lifecycle
import Log
import Projections
import Runtime
import Telemetry

/// The parts of one node.
struct NodeParts {
  let logs: LogPipeline
  let logger: Logger
  let metrics = MetricRegistry()
  let health = Health()
  let group: EventLoopGroup
  let log: LogService
  let projections: ProjectionService
  let admin: AdminService

  /// Makes the parts; nothing listens yet.
  init(_ configuration: NodeConfiguration) throws {
    let time = SystemTime()
    logs = try Self.pipeline(configuration.log)
    logger = logs.logger("node")
    try CrashReport.install(logs: logs)

    var loops = EventLoopGroup.Configuration()
    if configuration.runtime.loops > 0 { loops.loops = configuration.runtime.loops }
    loops.poolThreads = configuration.runtime.blockingThreads
    loops.poolQueueLimit = configuration.runtime.blockingQueue
    group = try EventLoopGroup(loops)

    _ = ProcessMetrics(registry: metrics)
    logs.register(in: metrics)
    health.register(in: metrics)
    RuntimeMetrics.register(group, in: metrics)

    log = LogService(
      Self.eventLog(configuration), topics: configuration.topics, pool: group.pool,
      logger: logs.logger("log"), metrics: metrics, health: health.component("log"), time: time)
    projections = ProjectionService(
      try ReadModelPlace(configuration),
      log: log, pool: group.pool, logger: logs.logger("projections"), metrics: metrics,
      health: health.component("projections"), time: time)

    let responder = AdminResponder(
      health: health, metrics: metrics,
      version: BuildVersion(release: VarveVersion.text, swift: VarveVersion.swift), time: time)
    admin = AdminService(
      try Self.admin(configuration.admin), on: group, responder: responder, metrics: metrics,
      logger: logs.logger("admin"), time: time)
  }

  /// A node that runs the parts: the log and what is made from it are open before anybody is answered, and closed
  /// after that.
  func node(stopWithin deadline: Duration) throws -> Node {
    var limits = Node.Limits()
    limits.stopWithin = deadline
    return try Node(
      services: [LoopService(group: group), log, projections, admin], logs: logs, health: health,
      limits: limits)
  }

  private static func eventLog(_ configuration: NodeConfiguration) -> EventLog.Configuration {
    var log = EventLog.Configuration(path: FilePath(configuration.data) / LogPlace.directoryName)
    log.writerThreads = configuration.eventLog.writerThreads
    log.upkeepInterval = configuration.eventLog.upkeepInterval
    return log
  }

  private static func pipeline(_ configuration: LogConfiguration) throws -> LogPipeline {
    let format: LogFormat = configuration.format == .json ? .json : .logfmt
    guard let file = configuration.file else {
      return try LogPipeline(
        sink: DescriptorSink.standardError(), format: format, levels: configuration.level)
    }
    do {
      return try LogPipeline(sink: try FileSink(path: file), format: format, levels: configuration.level)
    } catch let error as LogSinkError {
      throw CommandFailure(
        .cannotCreate, "the log file cannot be opened: \(error)", hint: "see the key log.file")
    }
  }

  private static func admin(_ configuration: AdminConfiguration) throws -> HTTPServer.Configuration {
    var server = HTTPServer.Configuration(
      name: "admin", address: try SocketAddress(resolving: configuration.listen))
    server.connections.connectionsMaximum = configuration.connectionsMaximum
    server.timeouts.idle = configuration.idleTimeout
    server.timeouts.head = configuration.requestTimeout
    server.timeouts.answer = configuration.requestTimeout
    // Its pages take no bodies, and a server that reads what nobody wants is a server to be kept busy.
    server.limits.bodyBytesMaximum = 0
    return server
  }
}

/// The event loops as a service: started first, stopped last, when nothing needs them any more.
private struct LoopService: Service {
  let group: EventLoopGroup
  var name: String { "loops" }

  func stop(deadline: MonotonicInstant) async { await group.shutdown() }
}
