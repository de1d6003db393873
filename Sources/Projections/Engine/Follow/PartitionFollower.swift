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
  private var subscription: (any EventSubscription)?
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
  }

  // MARK: Reading

  /// Applies what the log has, until there is no more or the position is `end`.
  func catchUp(to end: Int64 = .max) async throws(EngineError) {
    while next < end, try await applyNext(waiting: false, end: end) {}
    subscription = nil
  }

  /// Applies the next events, as many as one transaction takes; false when there are none and `waiting` is false.
  func applyNext(waiting: Bool, end: Int64 = .max) async throws(EngineError) -> Bool {
    var pending = PendingEvents<Applied.Event>(from: next)
    do throws(LogError) {
      try await read(into: &pending, waiting: waiting, end: end)
    } catch {
      subscription = nil
      if case .offsetOutOfRange(let partition, let requested, let first, let end) = error {
        throw requested < first
          ? .behind(partition, tables: requested, log: first) : .ahead(partition, tables: requested, log: end)
      }
      throw .log(error)
    }
    if !pending.events.isEmpty || pending.next > next {
      do throws(EngineError) {
        try await commit(pending.events[...], next: pending.next)
      } catch {
        // It stands behind the events that were not applied; they have to be read again.
        subscription = nil
        throw error
      }
    }
    if let failure = pending.failure {
      subscription = nil
      if skips.contains(partition, failure.offset) {
        try await commit([], next: failure.offset + 1)
        return true
      }
      throw try await stop(at: failure.offset, cause: failure.cause.description)
    }
    return !pending.isEmpty
  }

  private func read(
    into pending: inout PendingEvents<Applied.Event>, waiting: Bool, end: Int64
  ) async throws(LogError) {
    if subscription == nil {
      try await checkExtent()
      subscription = try await source.subscribe(to: partition, from: LogOffset(next))
    }
    guard var subscription else { return }
    // The subscription remembers where it stands only when nothing failed.
    self.subscription = nil
    var reader = EventReader<Applied.Event>(partition)
    if waiting {
      let batch = try await subscription.next()
      pending.take(batch, with: &reader, end: end)
    }
    while pending.hasRoom(eventsPerTransaction, end: end), let batch = try await subscription.nextIfAny() {
      pending.take(batch, with: &reader, end: end)
    }
    if pending.failure == nil && pending.next < end { self.subscription = subscription }
  }

  private func checkExtent() async throws(LogError) {
    let extent = try await source.extent(of: partition)
    if next < extent.first.value || next > extent.end.value {
      throw .offsetOutOfRange(partition, requested: LogOffset(next), first: extent.first, end: extent.end)
    }
  }

  // MARK: Writing

  /// Applies events in one transaction, or in as many as it takes to find the one that cannot be applied.
  private func commit(_ events: ArraySlice<ReadEvent<Applied.Event>>, next end: Int64)
    async throws(EngineError)
  {
    do throws(DatabaseError) {
      try await apply(events, next: end)
      return
    } catch {
      guard error.isFaultOfRequest else { throw .database(error) }
      if events.count <= 1 {
        throw try await stop(at: events.first?.place.offset ?? next, cause: error.description)
      }
    }
    let middle = events.startIndex + events.count / 2
    try await commit(events[..<middle], next: events[middle].place.offset)
    try await commit(events[middle...], next: end)
  }

  private func apply(_ events: ArraySlice<ReadEvent<Applied.Event>>, next end: Int64)
    async throws(DatabaseError)
  {
    let reached = try await store.write { tables throws(DatabaseError) in
      // Another node may share these tables and be further.
      let position = try await EngineTables.lockPosition(self.partition, tables)
      for event in events where event.place.offset >= position {
        if self.skips.contains(self.partition, event.place.offset) { continue }
        try self.application.apply(event, to: tables.writer)
        try await tables.settleIfFull()
      }
      if end > position {
        try EngineTables.setPosition(self.partition, end, tables.writer)
        // It goes on, so it has not stopped any more.
        if self.mayHaveFailure { try EngineTables.clearFailure(self.partition, tables.writer) }
      }
      return max(end, position)
    }
    if reached > next { mayHaveFailure = false }
    note(reached: reached, time: events.last?.place.time)
  }

  private func note(reached: Int64, time: Int64?) {
    next = reached
    if let time { newestTime = max(newestTime, time) }
    watch.advance(to: reached)
  }

  /// Notes that a shard has put events into the tables itself, which need not be read.
  func noteWritten(reached: Int64, time: Int64) {
    subscription = nil
    note(reached: reached, time: time)
  }

  /// Writes down that the event at `offset` cannot be taken, and gives the error to throw.
  private func stop(at offset: Int64, cause: String) async throws(EngineError) -> EngineError {
    let failure = ProjectionFailure(
      partition: partition, offset: LogOffset(offset), cause: cause, time: time.wall.milliseconds)
    subscription = nil
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

/// Events that were read and not applied yet.
struct PendingEvents<Event: DomainEvent> {
  var events: [ReadEvent<Event>] = []
  /// The offset after the last record that was looked at.
  private(set) var next: Int64
  /// The first record that cannot be read; nothing after it was looked at.
  private(set) var failure: EventError?
  private let first: Int64

  init(from first: Int64) {
    self.first = first
    next = first
  }

  /// Whether nothing was read at all.
  var isEmpty: Bool { next == first && failure == nil }

  func hasRoom(_ maximum: Int, end: Int64) -> Bool { failure == nil && events.count < maximum && next < end }

  /// Reads a batch's events, up to the offset `end`.
  mutating func take(_ batch: RecordBatch, with reader: inout EventReader<Event>, end: Int64) {
    do throws(EventError) {
      try reader.read(batch, from: next) { event throws(EventError) in
        if event.place.offset < end { events.append(event) }
      }
      // Not after the last event: compaction may have taken what came after it.
      next = min(max(next, batch.header.nextOffset), end)
    } catch {
      next = error.offset
      if error.offset < end { failure = error }
    }
  }
}
