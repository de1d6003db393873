// The projections as a service of the node: opened after the log, watched while it runs, closed before the log.

import Cluster
import Files
import Lifecycle
import Log
import Projections
import Runtime
import Telemetry

/// Opens, watches and closes the node's domains.
final class ProjectionService: Service {
  /// How often the domains are looked at for the health report.
  private static let watchInterval = Duration.seconds(1)

  let name = "projections"
  private let readModels: ReadModelDirectory
  private let log: LogService
  private let pool: BlockingPool
  private let logger: Logger
  private let metrics: MetricRegistry
  private let health: HealthComponent
  private let time: any TimeSource
  private let opened = Locked<Opened?>(nil)

  /// What runs.
  private struct Opened: Sendable {
    let engine: ProjectionEngine
    let cluster: DomainService<ClusterDomain>
  }

  /// - Parameter log: opened before this is started.
  init(
    _ readModels: ReadModelDirectory, log: LogService, pool: BlockingPool, logger: Logger,
    metrics: MetricRegistry, health: HealthComponent, time: any TimeSource
  ) {
    self.readModels = readModels
    self.log = log
    self.pool = pool
    self.logger = logger
    self.metrics = metrics
    self.health = health
    self.time = time
  }

  /// The cluster's domain, once it is open.
  var cluster: DomainService<ClusterDomain>? { opened.withLock { $0?.cluster } }

  // MARK: The service

  func start() async throws {
    guard let log = log.log else { preconditionFailure("the log is started before what is made from it") }
    let domain = try ClusterDomain()
    try await ClusterTopic.ensure(domain, in: log)
    let engine = ProjectionEngine(
      ProjectionEngine.Configuration(readModels: readModels), log: log, pool: pool, time: time,
      logger: logger, registry: metrics)
    let cluster: DomainService<ClusterDomain>
    do throws(EngineError) {
      cluster = try await engine.open(domain)
    } catch {
      try await engine.close()
      throw error
    }
    opened.withLock { $0 = Opened(engine: engine, cluster: cluster) }
    watch(cluster)
    logger.info("projections open", ["path": .string(readModels.path.string)])
  }

  func run() async throws {
    while !Task.isCancelled {
      if let cluster { watch(cluster) }
      do {
        try await time.sleep(for: Self.watchInterval)
      } catch {
        return
      }
    }
  }

  func stop(deadline: MonotonicInstant) async {
    let opened = opened.withLock { opened in
      defer { opened = nil }
      return opened
    }
    guard let opened else { return }
    do throws(EngineError) {
      try await opened.engine.close()
      logger.info("projections closed")
    } catch {
      // Tables that were not closed cleanly are brought up to the log by the next start.
      logger.error("the projections were not closed cleanly", ["cause": .error(error)])
    }
  }

  // MARK: Health

  /// Not ready while commands are refused; whether that passes by itself or needs an operator, the reason says.
  private func watch(_ cluster: DomainService<ClusterDomain>) {
    let state = cluster.refusal.map { HealthState.notReady(reason: "cluster: \($0)") } ?? .ready
    if health.state != state { health.state = state }
  }
}
