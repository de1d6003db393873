// A projection that only follows: its tables change because other domains' events do, and nobody commands it.

public import Database
public import Log
import Runtime
import Telemetry

/// A running projection without commands.
public final class FollowingService<Followed: Projection>: RunningProjection, Sendable {
  var name: ProjectionName { projection.name }
  var version: Int { projection.version }
  let followsOwnLog: Bool
  private let projection: Followed
  private let source: any EventSource
  let tables: OpenTables
  private let failures: Locked<[PartitionID: EngineError]> = Locked([:])
  private let tasks = Locked<[Task<Void, Never>]>([])
  private let isClosed = Locked(false)
  /// Exchanging tables and closing, one after the other.
  private let turns = TurnQueue()
  private let time: any TimeSource
  private let logger: Logger
  private let metrics: ProjectionCounts

  init(
    _ projection: Followed, tables: OpenTables, source: any EventSource, followsOwnLog: Bool,
    time: any TimeSource, logger: Logger, metrics: ProjectionCounts
  ) {
    self.projection = projection
    self.source = source
    self.followsOwnLog = followsOwnLog
    self.tables = tables
    self.time = time
    self.logger = logger
    self.metrics = metrics
  }

  /// Starts a follower of each partition, on the tables in use.
  func start() async {
    failures.withLock { $0 = [:] }
    for partition in tables.partitions {
      let follower = Confined(
        // Touched on the store's loop only, by its own task.
        PartitionFollower(
          EventApplication(projection: projection, partition: partition), into: tables.store, from: source,
          skips: tables.skips, watch: tables.watch(partition), time: time))
      let task = tables.loop.spawn { [self] in await follow(follower.value) }
      tasks.withLock { $0.append(task) }
    }
  }

  private func endFollowers() async {
    let tasks = tasks.withLock { tasks in
      defer { tasks = [] }
      return tasks
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }

  /// Applies events as they come, until the task is cancelled.
  private func follow(_ follower: PartitionFollower<Followed>) async {
    var setback: Setback?
    while !Task.isCancelled {
      do throws(EngineError) {
        while true {
          let before = follower.next
          _ = try await follower.applyNext(waiting: true)
          setback = nil
          metrics.events.increment(by: UInt64(max(0, follower.next - before)))
          failures.withLock { $0[follower.partition] = nil }
        }
      } catch {
        if Task.isCancelled { return }
        if case .log(.closed) = error { return }
        failures.withLock { $0[follower.partition] = error }
        var next = Setback(error, after: setback)
        if next.isNews {
          metrics.failures.increment()
          logger.error(
            "a projection has stopped",
            [
              "projection": .string(name.text), "partition": .string(follower.partition.description),
              "cause": .error(error),
            ])
        }
        if await !rest(after: &next) { return }
        setback = next
      }
    }
  }

  private func rest(after setback: inout Setback) async -> Bool {
    while true {
      do throws(CancellationError) {
        try await time.sleep(for: setback.delay)
      } catch {
        return false
      }
      if setback.mayTryAgain(skips: tables.skips) { return true }
    }
  }

  // MARK: Queries

  /// Runs a query on a snapshot of the tables, which hold at least what was before `position`.
  public func read<Output: Sendable>(
    atLeast position: PositionToken? = nil, timeout: Duration = .seconds(2),
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(QueryError) -> Output {
    try await tables.read(atLeast: position, timeout: timeout, body)
  }

  /// What changes in the tables from `position` on.
  public func changes(from position: PositionToken) throws(QueryError) -> ChangeFeed<Followed> {
    guard tables.partitions.contains(position.partition) else { throw .foreignPosition(position) }
    return ChangeFeed(projection, tables, from: source, at: position)
  }

  /// Why the projection does not go on, by partition; empty when it does.
  public var setbacks: [PartitionID: EngineError] { failures.withLock { $0 } }

  // MARK: Exchanging and ending

  func exchange(for generation: Generation, in models: any ReadModels) async throws(EngineError) {
    await turns.begin()
    defer { turns.end() }
    if isClosed.withLock({ $0 }) { return }
    try await tables.exchange(for: generation, in: models, of: projection, from: source) {
      await endFollowers()
    } resume: {
      await start()
    }
  }

  func close() async throws(EngineError) {
    await turns.begin()
    defer { turns.end() }
    isClosed.withLock { $0 = true }
    await endFollowers()
    try await tables.close()
  }
}
