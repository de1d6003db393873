// How running projections stand: for the health report, and for metrics that are read at scrape.

public import Log
import Runtime
import Telemetry

/// How a running projection stands in one partition.
public struct ProjectionStanding: Equatable, Sendable {
  /// How far tables are behind the log.
  public struct Lag: Hashable, Sendable {
    /// In offsets.
    public let events: Int64
    /// For how long the oldest of those events has been there; too short by the time between two looks.
    public let time: Duration
  }

  /// Which.
  public let projection: ProjectionName
  /// In which partition of its topic.
  public let partition: PartitionID
  /// The offset of the next event that it applies.
  public let position: LogOffset
  /// How far it is behind the log; nil when it follows the log of another node.
  public let lag: Lag?
  /// Why it does not go on at present; nil when it does.
  public let setback: EngineError?
}

/// A projection that runs.
protocol RunningProjection: Sendable {
  var name: ProjectionName { get }
  var version: Int { get }
  var tables: OpenTables { get }
  /// Whether its events are those of this node's log.
  var followsOwnLog: Bool { get }
  /// Why it does not go on, by partition; empty when it does.
  var setbacks: [PartitionID: EngineError] { get }
  /// Has another generation take the place of its tables. Callers wait meanwhile.
  func exchange(for generation: Generation, in models: any ReadModels) async throws(EngineError)
  func close() async throws(EngineError)
}

extension RunningProjection {
  /// How it stands in each partition, in their order.
  func standings(in log: EventLog) -> [ProjectionStanding] {
    let setbacks = setbacks
    return tables.partitions.map { partition in
      let position = LogOffset(tables.watch(partition).next)
      return ProjectionStanding(
        projection: name, partition: partition, position: position,
        lag: end(of: partition, in: log).map { end in
          ProjectionStanding.Lag(
            events: max(0, end.value - position.value), time: tables.lag(of: partition, behind: end))
        }, setback: setbacks[partition])
    }
  }

  private func end(of partition: PartitionID, in log: EventLog) -> LogOffset? {
    guard followsOwnLog else { return nil }
    do throws(LogError) {
      return try log.partition(partition).extent().end
    } catch {
      // The log is being closed: nobody is behind it any more.
      return nil
    }
  }
}

/// Registers the gauges of running projections. Names stand as literals: a test looks for them in docs/metrics.md.
enum StandingMetrics {
  static func register(
    _ running: Locked<[any RunningProjection]>, of log: EventLog, in registry: MetricRegistry
  ) {
    @Sendable func each(_ read: (ProjectionStanding) -> Double?) -> [(labels: [String], value: Double)] {
      running.withLock { $0 }.flatMap { $0.standings(in: log) }.compactMap { standing in
        read(standing).map { ([standing.projection.text, "\(standing.partition.index)"], $0) }
      }
    }
    registry.gauge(
      "varve_projection_position", help: "The offset of the next event that the tables lack.",
      labels: ["projection", "partition"]
    ) { each { Double($0.position.value) } }
    registry.gauge(
      "varve_projection_lag_events", help: "Offsets of the log that the tables lack.",
      labels: ["projection", "partition"]
    ) { each { $0.lag.map { Double($0.events) } } }
    registry.gauge(
      "varve_projection_lag_seconds", help: "For how long events have waited that the tables lack.",
      labels: ["projection", "partition"]
    ) { each { $0.lag.map { Double($0.time.wholeNanoseconds) / 1e9 } } }
    registry.gauge(
      "varve_projection_stopped", help: "1 while a projection does not go on.",
      labels: ["projection", "partition"]
    ) { each { $0.setback == nil ? 0 : 1 } }
  }
}
