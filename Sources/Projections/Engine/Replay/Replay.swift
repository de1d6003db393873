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
    try await ProjectionEngine.migrate(store, for: projection, isBuilding: true)
    let partitions = try await source.partitionList(of: projection.topic)
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
    try await ProjectionEngine.makeIndexes(store, for: projection)
    return reached
  }

  private func replay(
    _ partition: PartitionID, from position: Int64, to goal: Int64, into store: Store,
    _ progress: @escaping @Sendable (Int64) -> Void
  ) async throws(EngineError) -> Int64 {
    let (projection, source, skips, time) = (projection, source, skips, time)
    let reading: EventLoop
    do throws(NetworkError) {
      reading = try EventLoop.start(name: "replay-\(projection.name)", pool: store.loop.pool, time: time)
    } catch {
      throw .thread(error)
    }
    let outcome: Result<Int64, EngineError>
    do throws(EngineError) {
      outcome = .success(
        try await store.loop.run { () throws(EngineError) in
          let follower = PartitionFollower(
            EventApplication(projection: projection, partition: partition), into: store, from: source,
            skips: skips, watch: PositionWatch(position, time: time), time: time)
          let ahead = ReadAhead<Replayed.Event>(
            partition, of: source, on: reading, maximum: Self.eventsPerTransaction, end: goal)
          return try await Self.drive(follower, ahead, progress)
        })
    } catch {
      outcome = .failure(error)
    }
    await reading.shutdown()
    return try outcome.get()
  }

  /// Applies one run of events while the next is read.
  private static func drive(
    _ follower: PartitionFollower<Replayed>, _ ahead: ReadAhead<Replayed.Event>,
    _ progress: @Sendable (Int64) -> Void
  ) async throws(EngineError) -> Int64 {
    // Each is used by the one thread or the other, and handed over by awaiting the task that fills it.
    var (current, spare) = (Confined(RunBuffer<Replayed.Event>()), Confined(RunBuffer<Replayed.Event>()))
    await ahead.fill(current, from: follower.next).value
    while true {
      if Task.isCancelled { throw .log(.cancelled) }
      if let failure = current.value.failure { throw EngineError(reading: failure) }
      if current.value.run.isEmpty { return follower.next }
      let next = current.value.run.next
      let reading = ahead.fill(spare, from: next)
      do throws(EngineError) {
        try await follower.apply(current.value.run)
      } catch {
        reading.cancel()
        await reading.value
        throw error
      }
      progress(follower.next)
      await reading.value
      // Not there when an event that cannot be read was passed over.
      if follower.next != next { await ahead.fill(spare, from: follower.next).value }
      swap(&current, &spare)
    }
  }

  /// Large, because a commit costs the same for many events as for one; but not so large that what is read ahead
  /// leaves the processor's caches.
  private static var eventsPerTransaction: Int { 16_384 }

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
