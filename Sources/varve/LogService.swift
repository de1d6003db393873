// The event log as a service of the node: opened before the node is ready, with the topics of the configuration,
// watched while it runs, closed after everything that uses it.

import Files
import Lifecycle
import Log
import Runtime
import Telemetry

/// Opens, watches and closes the node's log.
final class LogService: Service {
  /// How often partitions are looked at for the health report.
  private static let watchInterval = Duration.seconds(1)

  let name = "log"
  private let configuration: EventLog.Configuration
  private let topics: [TopicName: TopicChange]
  private let pool: BlockingPool
  private let logger: Logger
  private let metrics: MetricRegistry
  private let health: HealthComponent
  private let time: any TimeSource
  private let opened = Locked<EventLog?>(nil)

  init(
    _ configuration: EventLog.Configuration, topics: [TopicName: TopicChange], pool: BlockingPool,
    logger: Logger, metrics: MetricRegistry, health: HealthComponent, time: any TimeSource
  ) {
    self.configuration = configuration
    self.topics = topics
    self.pool = pool
    self.logger = logger
    self.metrics = metrics
    self.health = health
    self.time = time
  }

  /// The log, once it is open.
  var log: EventLog? { opened.withLock { $0 } }

  // MARK: The service

  func start() async throws {
    let log = try await EventLog.open(
      configuration, files: LocalFiles(), pool: pool, time: time, logger: logger, registry: metrics)
    opened.withLock { $0 = log }
    for (name, change) in topics.sorted(by: { $0.key < $1.key }) { try await declare(name, change, in: log) }
    logger.info(
      "log open", ["path": .string(configuration.path.string), "topics": .int(log.topics.count)])
  }

  func run() async throws {
    while !Task.isCancelled {
      if let log { watch(log) }
      do {
        try await time.sleep(for: Self.watchInterval)
      } catch {
        return
      }
    }
  }

  func stop(deadline: MonotonicInstant) async {
    guard let log else { return }
    do throws(LogError) {
      try await log.close()
      logger.info("log closed")
    } catch {
      // What could not be closed cleanly is recovered by the next start.
      logger.error("the log was not closed cleanly", ["cause": .error(error)])
    }
  }

  // MARK: Topics of the configuration

  /// Makes the topic, or gives it the settings that the configuration names.
  private func declare(
    _ name: TopicName, _ change: TopicChange, in log: EventLog
  ) async throws(LogError) {
    if log.topics.contains(where: { $0.name == name }) {
      try await log.alterTopic(name) { change.apply(to: &$0) }
      return
    }
    var settings = TopicSettings()
    change.apply(to: &settings)
    try await log.createTopic(name, settings)
    logger.info(
      "topic created", ["topic": .string(name.text), "partitions": .int(settings.partitions)])
  }

  // MARK: Health

  private func watch(_ log: EventLog) {
    let state = Self.health(of: log.topics.flatMap(\.partitions).map { ($0.id, $0.standing) })
    if health.state != state { health.state = state }
  }

  /// Ready when every partition takes appends. One that waits for room opens itself again, and one that is damaged
  /// is not mended by a restart: neither makes the process fail. After any other failed write only a restart helps.
  static func health(of partitions: [(id: PartitionID, standing: Partition.Standing)]) -> HealthState {
    var state = HealthState.ready
    for (id, standing) in partitions {
      switch standing {
      case .open: continue
      case .stopped(let error):
        if case .stopped(_, let cause) = error, !cause.isOutOfSpace {
          return .failed(reason: error.description)
        }
        state = .notReady(reason: error.description)
      case .readOnly(let error):
        if state == .ready { state = .notReady(reason: "\(id) can only be read: \(error)") }
      }
    }
    return state
  }
}
