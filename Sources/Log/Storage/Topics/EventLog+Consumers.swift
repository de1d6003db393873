// Consumers: names with positions that last. A position is an event in the log's own topic like any other, so
// it is as durable as a record, and retention never goes past it.

import Runtime

extension EventLog {
  /// Every position of every consumer.
  public var consumers: [ConsumerPosition] { state.withLock { $0.catalogue.consumers } }

  /// A consumer's position in a partition; nil when it never said one.
  public func position(of consumer: ConsumerName, in partition: PartitionID) -> ConsumerPosition? {
    state.withLock { $0.catalogue.consumer(consumer, partition) }
  }

  /// Remembers how far a consumer has come. A position may also go back, to read again.
  ///
  /// - Parameters:
  ///   - position: the offset of the first record it has not dealt with.
  ///   - durability: `written` for who can deal with a few records twice and commits often.
  public func commit(
    _ consumer: ConsumerName, _ partition: PartitionID, position: LogOffset,
    kind: ConsumerKind = .consumer, durability: Durability = .durable
  ) async throws(LogError) {
    let extent = try self.partition(partition).extent(.written)
    guard position <= extent.end else {
      throw .offsetOutOfRange(partition, requested: position, first: extent.first, end: extent.end)
    }
    try await commit(
      .consumerSet(
        ConsumerPosition(
          name: consumer, kind: kind, partition: partition, position: position,
          committedAt: parts.time.wall.milliseconds)),
      durability: durability)
  }

  /// Forgets a consumer, in one partition or in all.
  public func removeConsumer(
    _ consumer: ConsumerName, _ partition: PartitionID? = nil
  ) async throws(LogError) {
    let positions = consumers.filter {
      $0.name == consumer && (partition == nil || $0.partition == partition)
    }
    if positions.isEmpty { throw .unknownConsumer(consumer.text) }
    for position in positions {
      try await commit(
        .consumerDeleted(LogCatalogue.ConsumerKey(name: consumer, partition: position.partition)))
    }
  }

  /// How many records a consumer is behind the end.
  public func lag(of position: ConsumerPosition) throws(LogError) -> Int {
    let extent = try partition(position.partition).extent()
    return Int(extent.end.value - max(position.position, extent.first).value)
  }
}
