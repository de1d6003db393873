// Brings a projection's tables up to the log, one partition of it: in transactions of many events, each with the
// position it reached. The event that cannot be applied is found by halving, and everything before it is kept.

import Bytes
import Database
import Log
import Records
import Runtime
import Telemetry

/// Follows one partition into one store. Confined to the store's loop.
final class PartitionFollower<Applied: Projection> {
  /// How many events one transaction takes at most, or a few more: batches are taken whole.
  var eventsPerTransaction = 4096

  let application: EventApplication<Applied>
  let store: Store
  let source: any EventSource
  let skips: SkipList
  let watch: PositionWatch
  private let time: any TimeSource
  /// The offset of the next event to apply.
  private(set) var next: Int64
  /// When the newest applied event was decided.
  private(set) var newestTime: Int64 = .min
  private var reader: RunReader<Applied.Event>
  /// Whether the tables may say that the projection has stopped: at first an earlier process may have said so.
  private var mayHaveFailure = true

  var partition: PartitionID { application.partition }

  init(
    _ application: EventApplication<Applied>, into store: Store, from source: any EventSource,
    skips: SkipList,
    watch: PositionWatch, time: any TimeSource
  ) {
    self.application = application
    self.store = store
    self.source = source
    self.skips = skips
    self.watch = watch
    self.time = time
    next = watch.next
    reader = RunReader(application.partition, of: source)
  }

  // MARK: Reading

  /// Applies what the log has, until there is no more or the position is `end`.
  func catchUp(to end: Int64 = .max) async throws(EngineError) {
    while next < end, try await applyNext(waiting: false, end: end) {}
    reader.forget()
  }

  /// Applies the next events, as many as one transaction takes; false when there are none and `waiting` is false.
  func applyNext(waiting: Bool, end: Int64 = .max) async throws(EngineError) -> Bool {
    var run = EventRun<Applied.Event>(from: next)
    do throws(LogError) {
      try await reader.read(into: &run, maximum: eventsPerTransaction, waiting: waiting, end: end)
    } catch {
      throw EngineError(reading: error)
    }
    do throws(EngineError) {
      try await apply(run)
    } catch {
      // It stands behind the events that were not applied; they have to be read again.
      reader.forget()
      throw error
    }
    return !run.isEmpty
  }

  /// Applies events that were read from where the tables are. Afterwards `next` says how far they are: not to the
  /// end of the run, when its failure is at an event that is passed over.
  func apply(_ run: EventRun<Applied.Event>) async throws(EngineError) {
    if run.next > next { try await commit(run, next..<run.next) }
    guard let failure = run.failure else { return }
    if !skips.contains(partition, failure.offset) {
      throw try await stop(at: failure.offset, cause: failure.cause.description)
    }
    let passed = EventRun<Applied.Event>(from: failure.offset + 1)
    try await commit(passed, failure.offset..<failure.offset + 1)
  }

  // MARK: Writing

  /// Applies events in one transaction, or in as many as it takes to find the one that cannot be applied.
  private func commit(
    _ run: EventRun<Applied.Event>, _ offsets: Range<Int64>
  ) async throws(EngineError) {
    do throws(DatabaseError) {
      try await write(run, offsets)
      return
    } catch {
      guard error.isFaultOfRequest else { throw .database(error) }
      let events = run.places[run.index(of: offsets.lowerBound)..<run.index(of: offsets.upperBound)]
      if events.count <= 1 {
        throw try await stop(at: events.first?.offset ?? offsets.lowerBound, cause: error.description)
      }
      let middle = events[events.startIndex + events.count / 2].offset
      try await commit(run, offsets.lowerBound..<middle)
      try await commit(run, middle..<offsets.upperBound)
    }
  }

  private func write(
    _ run: EventRun<Applied.Event>, _ offsets: Range<Int64>
  ) async throws(DatabaseError) {
    let reached = try await store.write { tables throws(DatabaseError) in
      // Another node may share these tables and be further.
      let position = try await EngineTables.lockPosition(self.partition, tables)
      if offsets.upperBound <= position { return position }
      try await self.application.apply(
        run, max(position, offsets.lowerBound)..<offsets.upperBound, skips: self.skips, to: tables)
      try EngineTables.setPosition(self.partition, offsets.upperBound, tables.writer)
      // It goes on, so it has not stopped any more.
      if self.mayHaveFailure { try EngineTables.clearFailure(self.partition, tables.writer) }
      return offsets.upperBound
    }
    if reached > next { mayHaveFailure = false }
    let last = run.index(of: offsets.upperBound) - 1
    note(reached: reached, time: last >= 0 ? run.places[last].time : nil)
  }

  private func note(reached: Int64, time: Int64?) {
    next = reached
    if let time { newestTime = max(newestTime, time) }
    watch.advance(to: reached)
  }

  /// Notes that a shard has put events into the tables itself, which need not be read.
  func noteWritten(reached: Int64, time: Int64) {
    reader.forget()
    note(reached: reached, time: time)
  }

  /// Writes down that the event at `offset` cannot be taken, and gives the error to throw.
  private func stop(at offset: Int64, cause: String) async throws(EngineError) -> EngineError {
    let failure = ProjectionFailure(
      partition: partition, offset: LogOffset(offset), cause: cause, time: time.wall.milliseconds)
    mayHaveFailure = true
    do throws(DatabaseError) {
      try await store.write { tables throws(DatabaseError) in
        try EngineTables.note(failure, tables.writer)
      }
    } catch {
      throw .database(error)
    }
    return .stopped(failure)
  }
}
