// Everything a node is made of, made from its configuration: logs, metrics, health, loops, services.

import AdminGateway
import CommandLine
import Configuration
import Files
import GRPCServices
import Lifecycle
import Log
import LogGateway
import Projections
import Runtime
import TLS
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
  let grpc: GRPCNodeService
  let admin: AdminService
  /// The listeners that are encrypted.
  let encrypted: [ListenerTLS]

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
      log: log, following: configuration.follow.address, pool: group.pool,
      logger: logs.logger("projections"), metrics: metrics,
      health: health.component("projections"), time: time)

    let adminTLS = try ListenerTLS(
      "admin", configuration.admin, logger: logs.logger("tls"), metrics: metrics, time: time)
    let grpcTLS = try ListenerTLS(
      "grpc", configuration.grpc, logger: logs.logger("tls"), metrics: metrics, time: time)
    encrypted = [adminTLS, grpcTLS].compactMap { $0 }
    var provider = LogProvider.Configuration()
    provider.access = try configuration.access.access()
    if !configuration.grpc.addresses.isEmpty && provider.access.isClosed {
      throw CommandFailure(
        .configuration, "grpc.listen is set, and nobody may do anything there",
        hint: "set a token under access.tokens, or access.anonymous to what everybody may do")
    }
    grpc = try GRPCNodeService(
      try configuration.grpc.server(name: "grpc", tls: grpcTLS),
      log: LogProvider(provider) { [log] in log.log }, on: group, metrics: metrics,
      logger: logs.logger("grpc"), time: time)
    let responder = AdminResponder(
      health: health, metrics: metrics,
      version: BuildVersion(release: VarveVersion.text, swift: VarveVersion.swift), time: time,
      certificates: { [encrypted] in encrypted.flatMap(\.report) })
    admin = AdminService(
      try configuration.admin.server(name: "admin", tls: adminTLS), on: group, responder: responder,
      metrics: metrics, logger: logs.logger("admin"), time: time)
  }

  /// A node that runs the parts: the log and what is made from it are open before anybody is answered, and closed
  /// after that.
  func node(stopWithin deadline: Duration) throws -> Node {
    var limits = Node.Limits()
    limits.stopWithin = deadline
    let node = try Node(
      services: [LoopService(group: group), log, projections, grpc, admin], logs: logs, health: health,
      limits: limits)
    for listener in encrypted {
      node.onReload("certificates of \(listener.name)") { [pool = group.pool] in
        let outcome: Result<Void, TLSError> = try await pool.run(whenFull: .wait) {
          do throws(TLSError) {
            return .success(try listener.reload())
          } catch {
            return .failure(error)
          }
        }
        try outcome.get()
      }
    }
    return node
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
}

/// The event loops as a service: started first, stopped last, when nothing needs them any more.
private struct LoopService: Service {
  let group: EventLoopGroup
  var name: String { "loops" }

  func stop(deadline: MonotonicInstant) async { await group.shutdown() }
}
