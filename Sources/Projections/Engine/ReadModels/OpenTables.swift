// The tables of a running projection, and how far they are.

import Database
import Log
import Runtime

/// The tables of a running projection.
struct OpenTables: Sendable {
  let generation: Generation
  let store: Store
  let skips: SkipList
  private let watches: [PartitionID: PositionWatch]
  /// What runs beside the projection on its loop: ends with it.
  let upkeep = Locked<[Task<Void, Never>]>([])

  init(
    generation: Generation, store: Store, positions: [PartitionID: Int64], skips: SkipList,
    time: any TimeSource
  ) {
    self.generation = generation
    self.store = store
    self.skips = skips
    watches = positions.mapValues { PositionWatch($0, time: time) }
  }

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
    do throws(DatabaseError) { return try await store.read(body) } catch { throw .database(error) }
  }

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
    await store.loop.shutdown()
  }
}
