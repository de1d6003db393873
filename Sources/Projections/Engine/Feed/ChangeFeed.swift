// What changes in a read model, for other services: which thing, and at what position. It is read from the log and
// not kept anywhere, so a consumer that was away goes on where it stopped; a change is told only when the tables show
// it, at least once and in order.

import Log
import Runtime

/// A change with its place.
public struct FeedEntry: Hashable, Sendable {
  /// What has changed.
  public let change: Change
  /// Everything up to and including this change: give it back to go on after it. Entries of one event share it, so
  /// a consumer that stops between them is told of all of them again.
  public let position: PositionToken
}

/// The changes of one partition, one after the other.
public struct ChangeFeed<Followed: Projection> {
  private let projection: Followed
  private let skips: SkipList
  private let watch: PositionWatch
  private var reader: RunReader<Followed.Event>
  private let partition: PartitionID
  private var next: Int64

  init(_ projection: Followed, _ tables: OpenTables, from source: any EventSource, at start: PositionToken) {
    self.projection = projection
    skips = tables.skips
    watch = tables.watch(start.partition)
    partition = start.partition
    next = start.next.value
    reader = RunReader(start.partition, of: source)
  }

  /// The next changes: those of one batch of the log, and at least one. Waits for them; throws `LogError.cancelled`,
  /// inside, when the task is cancelled.
  public mutating func next() async throws(EngineError) -> [FeedEntry] {
    while true {
      let entries = try await nextBatch()
      if !entries.isEmpty { return entries }
    }
  }

  private mutating func nextBatch() async throws(EngineError) -> [FeedEntry] {
    var run = EventRun<Followed.Event>(from: next)
    do throws(LogError) {
      // What one batch has, and no more: whoever consumes slowly is not to hold much.
      try await reader.read(into: &run, maximum: 1, waiting: true)
    } catch {
      throw .log(error)
    }
    // An event that nobody can read is the projection's to stop at; the feed goes as far as the tables do.
    try await awaitTables(at: run.next)
    var entries: [FeedEntry] = []
    for (event, place) in zip(run.events, run.places) where !skips.contains(partition, place.offset) {
      let position = PositionToken(partition, next: LogOffset(place.offset + 1))
      for change in projection.changes(of: event, at: place) {
        entries.append(FeedEntry(change: change, position: position))
      }
    }
    if let failure = run.failure {
      try await awaitTables(at: failure.offset + 1)
      next = failure.offset + 1
      reader.forget()
    } else {
      next = run.next
    }
    return entries
  }

  private func awaitTables(at position: Int64) async throws(EngineError) {
    while watch.next < position {
      if Task.isCancelled { throw .log(.cancelled) }
      if watch.isClosed { throw .closed }
      _ = await watch.wait(for: position, timeout: .seconds(60))
    }
  }
}
