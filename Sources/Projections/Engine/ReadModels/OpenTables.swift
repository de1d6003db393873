// The tables of a running projection, and how far they are. They may be exchanged for those of another generation:
// readers, and whoever waits for a position, notice nothing.

import Database
import Log
import Runtime

/// The tables of a running projection.
final class OpenTables: Sendable {
  /// Tables, and where they are kept.
  struct Place: Sendable {
    let generation: Generation
    let store: Store
  }

  /// Where they are written.
  let loop: EventLoop
  let skips: SkipList
  private let current: Locked<Place>
  private let watches: [PartitionID: PositionWatch]
  private let marks = Locked<[PartitionID: LagMarks]>([:])
  let time: any TimeSource
  /// What runs beside the projection on its loop: ends with it.
  let upkeep = Locked<[Task<Void, Never>]>([])

  init(
    _ place: Place, positions: [PartitionID: Int64], skips: SkipList, time: any TimeSource
  ) {
    current = Locked(place)
    loop = place.store.loop
    self.skips = skips
    self.time = time
    watches = positions.mapValues { PositionWatch($0, time: time) }
  }

  /// The tables in use.
  var place: Place { current.withLock { $0 } }

  /// Where they are kept.
  var store: Store { place.store }

  /// How far the tables are in a partition of the projection's topic.
  func watch(_ partition: PartitionID) -> PositionWatch {
    guard let watch = watches[partition] else {
      preconditionFailure("\(partition) is not of this projection")
    }
    return watch
  }

  /// How far the tables are in each partition.
  var positions: [PartitionID: LogOffset] { watches.mapValues { LogOffset($0.next) } }

  /// How many events they hold, or held before compaction of the log.
  var eventCount: Int64 { watches.values.reduce(0) { $0 + $1.next } }

  /// The partitions, in order.
  var partitions: [PartitionID] { watches.keys.sorted() }

  /// For how long they have lacked events of a partition, now that the log ends at `end`.
  func lag(of partition: PartitionID, behind end: LogOffset) -> Duration {
    let position = watch(partition).next
    return marks.withLock {
      $0[partition, default: LagMarks()].note(position: position, end: end.value, at: time.monotonic)
    }
  }

  /// Runs a query on a snapshot that holds at least what was before `position`.
  func read<Output: Sendable>(
    atLeast position: PositionToken?, timeout: Duration,
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(QueryError) -> Output {
    if let position {
      guard let watch = watches[position.partition] else { throw .foreignPosition(position) }
      guard await watch.wait(for: position.next.value, timeout: timeout) else {
        throw .tooEarly(position, reached: LogOffset(watch.next))
      }
    }
    while true {
      let store = store
      do throws(DatabaseError) {
        return try await store.read(body)
      } catch .closed where store !== self.store {
        // Exchanged meanwhile: the others know as much and more.
        continue
      } catch {
        throw .database(error)
      }
    }
  }

  // MARK: Exchanging

  /// Has another generation take the place of these tables, once it is as far as they are.
  ///
  /// - Parameters:
  ///   - source: the projection's log.
  ///   - pause: ends whatever writes.
  ///   - resume: has it begin again, on the tables in use by then. Called after `pause` in any case.
  func exchange(
    for generation: Generation, in models: any ReadModels, of projection: some Projection,
    from source: any EventSource, pause: () async -> Void, resume: () async -> Void
  ) async throws(EngineError) {
    let store = try await models.open(generation, on: loop)
    var unused = store
    let outcome: Result<Void, EngineError>
    do throws(EngineError) {
      try await ProjectionEngine.migrate(store, for: projection)
      // Most of the way while the projection goes on.
      _ = try await bringUp(store, projection, from: source)
      await pause()
      do throws(EngineError) {
        let reached = try await bringUp(store, projection, from: source)
        // Who waited for a position has been told of it: tables never go back.
        for (partition, next) in reached where next < watch(partition).next {
          throw EngineError.ahead(
            partition, tables: LogOffset(watch(partition).next), log: LogOffset(next))
        }
        for (partition, next) in reached { watch(partition).advance(to: next) }
        unused = place.store
        current.withLock { $0 = Place(generation: generation, store: store) }
      } catch {
        await resume()
        throw error
      }
      await resume()
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    let closed: Result<Void, EngineError>
    do throws(DatabaseError) {
      closed = .success(try await unused.close())
    } catch {
      closed = .failure(.database(error))
    }
    // Why they were not exchanged says more than that those that are not used could not be closed.
    try outcome.get()
    try closed.get()
  }

  /// Applies to the tables of a store what the log has, and says how far they are.
  private func bringUp<Applied: Projection>(
    _ store: Store, _ projection: Applied, from source: any EventSource
  ) async throws(EngineError) -> [PartitionID: Int64] {
    var reached = try await ProjectionEngine.positions(in: store, of: partitions)
    let (skips, time) = (skips, time)
    for (partition, position) in reached {
      reached[partition] = try await loop.run { () throws(EngineError) in
        let follower = PartitionFollower(
          EventApplication(projection: projection, partition: partition), into: store, from: source,
          skips: skips, watch: PositionWatch(position, time: time), time: time)
        try await follower.catchUp()
        return follower.next
      }
    }
    return reached
  }

  // MARK: Ending

  /// Ends waiting, the connections, and the thread.
  func close() async throws(EngineError) {
    for watch in watches.values { watch.close() }
    let upkeep = upkeep.withLock { tasks in
      defer { tasks = [] }
      return tasks
    }
    for task in upkeep { task.cancel() }
    for task in upkeep { await task.value }
    do throws(DatabaseError) { try await store.close() } catch { throw .database(error) }
    await loop.shutdown()
  }
}
