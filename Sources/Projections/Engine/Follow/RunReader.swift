// Reads a partition from an offset on, some thousands of events at a time, and keeps the place in the log for the
// next time.

import Bytes
import Log
import Records

/// A reader of one partition's events.
struct RunReader<Event: DomainEvent>: Sendable {
  private let partition: PartitionID
  private let source: any EventSource
  private var subscription: (any EventSubscription)?

  init(_ partition: PartitionID, of source: any EventSource) {
    self.partition = partition
    self.source = source
  }

  /// Forgets the place in the log: the next read begins where it is told to.
  mutating func forget() { subscription = nil }

  /// Reads on from where `run` begins, until it has `maximum` events or a few more, the log has no more, or the
  /// offset is `end`. When it is `waiting`, there is at least one batch.
  mutating func read(
    into run: inout EventRun<Event>, maximum: Int, waiting: Bool, end: Int64 = .max
  ) async throws(LogError) {
    if subscription == nil {
      try await checkExtent(run.next)
      subscription = try await source.subscribe(to: partition, from: LogOffset(run.next))
    }
    guard var subscription else { return }
    // The subscription remembers where it stands only when nothing failed.
    self.subscription = nil
    var reader = EventReader<Event>(partition)
    if waiting {
      let batch = try await subscription.next()
      reader.read(batch, into: &run, end: end)
    }
    while run.failure == nil, run.events.count < maximum, run.next < end,
      let batch = try await subscription.nextIfAny()
    {
      reader.read(batch, into: &run, end: end)
    }
    if run.failure == nil && run.next < end { self.subscription = subscription }
  }

  private func checkExtent(_ next: Int64) async throws(LogError) {
    let extent = try await source.extent(of: partition)
    if next < extent.first.value || next > extent.end.value {
      throw .offsetOutOfRange(partition, requested: LogOffset(next), first: extent.first, end: extent.end)
    }
  }
}
