// The projections as a service of the node: opened after the log, watched while it runs, closed before the log.

import Cluster
import Files
import GRPCClient
import Lifecycle
import Log
import Projections
import RemoteEvents
import RemoteLog
import Runtime
import Telemetry

/// Opens, watches and closes the node's domains.
final class ProjectionService: Service {
  /// How often the domains are looked at for the health report.
  private static let watchInterval = Duration.seconds(1)

  let name = "projections"
  private let place: ReadModelPlace
  private let log: LogService
  private let followed: NodeAddress?
  private let pool: BlockingPool
  private let logger: Logger
  private let metrics: MetricRegistry
  private let health: HealthComponent
  private let time: any TimeSource
  private let opened = Locked<Opened?>(nil)
  /// Watching and closing, one after the other: what is looked at is open.
  private let turns = TurnQueue()

  /// What runs.
  private struct Opened: Sendable {
    let readModels: any ReadModels
    /// Where the connections live that know which tables there are.
    let loop: EventLoop
    let engine: ProjectionEngine
    /// nil: another node's log is followed, which takes the commands.
    let cluster: DomainService<ClusterDomain>?
    let following: FollowedNode?
  }

  /// - Parameters:
  ///   - log: opened before this is started.
  ///   - followed: the node whose log the tables are made of; nil for this one's.
  init(
    _ place: ReadModelPlace, log: LogService, following followed: NodeAddress?, pool: BlockingPool,
    logger: Logger,
    metrics: MetricRegistry, health: HealthComponent, time: any TimeSource
  ) {
    self.place = place
    self.log = log
    self.followed = followed
    self.pool = pool
    self.logger = logger
    self.metrics = metrics
    self.health = health
    self.time = time
  }

  /// The cluster's domain, once it is open.
  var cluster: DomainService<ClusterDomain>? { opened.withLock { $0?.cluster ?? nil } }

  // MARK: The service

  func start() async throws {
    guard let log = log.log else { preconditionFailure("the log is started before what is made from it") }
    let domain = try ClusterDomain()
    if followed == nil { try await ClusterTopic.ensure(domain, in: log) }
    let loop = try EventLoop.start(name: "read-models", pool: pool, time: time)
    do {
      let following = try followed.map { node in
        FollowedNode(
          at: node.at, channel: try node.channel(on: loop, logger: logger), domain: domain)
      }
      let readModels = try await place.open(.full, on: loop)
      do {
        let engine = ProjectionEngine(
          ProjectionEngine.Configuration(readModels: readModels), log: log, pool: pool, time: time,
          logger: logger, registry: metrics)
        let opened: Opened
        do {
          if let following {
            opened = Opened(
              readModels: readModels, loop: loop, engine: engine, cluster: nil, following: following)
          } else {
            opened = Opened(
              readModels: readModels, loop: loop, engine: engine, cluster: try await engine.open(domain),
              following: nil)
          }
        } catch {
          try await engine.close()
          throw error
        }
        self.opened.withLock { $0 = opened }
        await watch(opened)
        logger.info("projections open", ["place": .string(readModels.place)])
      } catch {
        try await readModels.close()
        throw error
      }
    } catch {
      await loop.shutdown()
      throw error
    }
  }

  func run() async throws {
    while !Task.isCancelled {
      await turns.begin()
      if let opened = opened.withLock({ $0 }) { await watch(opened) }
      turns.end()
      do {
        try await time.sleep(for: Self.watchInterval)
      } catch {
        return
      }
    }
  }

  func stop(deadline: MonotonicInstant) async {
    await turns.begin()
    defer { turns.end() }
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
    await opened.following?.channel.close(within: .zero)
    do throws(EngineError) {
      try await opened.readModels.close()
    } catch {
      logger.error("the read models were not closed cleanly", ["cause": .error(error)])
    }
    await opened.loop.shutdown()
  }

  // MARK: Health

  /// Takes tables over that were rebuilt. Not ready while the place of the tables does not answer, or a projection does
  /// not go on; whether that passes by itself or needs an operator, the reason says.
  private func watch(_ opened: Opened) async {
    let state: HealthState
    do throws(EngineError) {
      if let following = opened.following, try await following.begin(opened.engine) {
        logger.info("following", ["node": .describing(following.at)])
      }
      try await opened.engine.takeOver()
      state = Self.health(of: opened.engine.standings)
    } catch {
      state = .notReady(
        reason: opened.following?.hasBegun == false
          ? "the node that is followed cannot be: \(error)"
          : "the read models cannot be reached: \(error)")
    }
    if health.state != state { health.state = state }
  }

  static func health(of standings: [ProjectionStanding]) -> HealthState {
    for standing in standings {
      if let setback = standing.setback {
        return .notReady(reason: "\(standing.projection), \(standing.partition): \(setback)")
      }
    }
    return .ready
  }
}
