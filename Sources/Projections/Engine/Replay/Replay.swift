// Building a projection's tables from the log alone: beside the live ones, as fast as the store takes them, resumable
// after an interruption because the position is committed with the tables.

public import Database
public import Log
public import Runtime

/// Builds tables from events.
public struct Replay<Replayed: Projection>: Sendable {
  private let projection: Replayed
  private let source: any EventSource
  private let skips: SkipList
  private let time: any TimeSource

  /// - Parameters:
  ///   - projection: what is built.
  ///   - source: the log.
  public init(
    _ projection: Replayed, from source: any EventSource, time: any TimeSource = SystemTime()
  ) async throws(EngineError) {
    self.projection = projection
    self.source = source
    self.time = time
    skips = try await SkipList.load(of: projection.name, from: source)
  }

  /// Brings the tables of a store, new or half done, to the end.
  ///
  /// - Parameter progress: hears how far it is after every transaction.
  /// - Returns: where each partition's tables are now.
  @discardableResult
  public func run(
    into store: Store, to end: ReplayEnd = .newest,
    progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws(EngineError) -> [PartitionID: LogOffset] {
    try await ProjectionEngine.migrate(store, for: projection)
    let partitions = try await partitions()
    let positions = try await ProjectionEngine.positions(in: store, of: partitions)
    let ends = try await ends(of: partitions, end)
    var reached: [PartitionID: LogOffset] = [:]
    var report = ReplayProgress(done: 0, left: 0, resumedAt: 0)
    for partition in partitions {
      report.left += Int(max(0, (ends[partition] ?? 0) - (positions[partition] ?? 0)))
      report.resumedAt += Int(positions[partition] ?? 0)
    }
    for partition in partitions {
      let position = positions[partition] ?? 0
      let goal = max(ends[partition] ?? 0, position)
      let before = report
      let next = try await replay(partition, from: position, to: goal, into: store) { next in
        var now = before
        now.done += Int(next - position)
        now.left -= Int(next - position)
        progress(now)
      }
      reached[partition] = LogOffset(next)
      report.done += Int(goal - position)
      report.left -= Int(goal - position)
    }
    return reached
  }

  /// How far the tables of a store are.
  public func positions(in store: Store) async throws(EngineError) -> [PartitionID: LogOffset] {
    try await ProjectionEngine.positions(in: store, of: try await partitions()).mapValues { LogOffset($0) }
  }

  private func replay(
    _ partition: PartitionID, from position: Int64, to goal: Int64, into store: Store,
    _ progress: @escaping @Sendable (Int64) -> Void
  ) async throws(EngineError) -> Int64 {
    let (projection, source, skips, time) = (projection, source, skips, time)
    return try await store.loop.run { () throws(EngineError) in
      let follower = PartitionFollower(
        EventApplication(projection: projection, partition: partition), into: store, from: source,
        skips: skips,
        watch: PositionWatch(position, time: time), time: time)
      follower.eventsPerTransaction = Self.eventsPerTransaction
      while follower.next < goal {
        if Task.isCancelled { throw .log(.cancelled) }
        guard try await follower.applyNext(waiting: false, end: goal) else { break }
        progress(follower.next)
      }
      return follower.next
    }
  }

  /// Large, because a commit costs the same for many events as for one.
  private static var eventsPerTransaction: Int { 50_000 }

  private func partitions() async throws(EngineError) -> [PartitionID] {
    do throws(LogError) {
      let count = try await source.partitions(of: projection.topic)
      return (0..<count).map { PartitionID(projection.topic, $0) }
    } catch {
      throw .log(error)
    }
  }

  private func ends(
    of partitions: [PartitionID], _ end: ReplayEnd
  ) async throws(EngineError) -> [PartitionID: Int64] {
    var ends: [PartitionID: Int64] = [:]
    do throws(LogError) {
      for partition in partitions {
        let newest = try await source.extent(of: partition).end.value
        switch end {
        case .newest: ends[partition] = newest
        case .offset(let offset): ends[partition] = min(offset.value, newest)
        case .positions(let positions): ends[partition] = min(positions[partition]?.value ?? 0, newest)
        case .time(let time): ends[partition] = try await source.offset(notBefore: time, in: partition).value
        }
      }
    } catch {
      throw .log(error)
    }
    return ends
  }
}
