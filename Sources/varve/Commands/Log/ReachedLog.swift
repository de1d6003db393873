// A log that a command writes, whichever way it is reached.

import Log
import Records
import RemoteLog
import Runtime

/// What commands do with a log, be it this process's or a node's.
protocol ReachedLog: Sendable {
  func createTopic(_ name: TopicName, _ settings: TopicSettings) async throws(LogError)
  func alterTopic(_ name: TopicName, _ change: TopicChange) async throws(LogError)
  func deleteTopic(_ name: TopicName) async throws(LogError)
  /// How many partitions the topic has.
  func partitionCount(of topic: TopicName) async throws(LogError) -> Int
  func append(
    _ records: [Record], to partition: PartitionID, _ options: AppendOptions
  ) async throws(LogError) -> AppendReceipt
  /// Makes durable what was written.
  func sync(_ partition: PartitionID) async throws(LogError)
  /// The offset that a place means.
  func offset(of place: ReadBound, in partition: PartitionID) async throws(LogError) -> LogOffset
  func commit(
    _ consumer: ConsumerName, _ partition: PartitionID, position: LogOffset, kind: ConsumerKind
  ) async throws(LogError)
  /// Forgets a consumer, and says how many positions that were.
  func removeConsumer(
    _ consumer: ConsumerName, topic: TopicName?, partition: Int?
  ) async throws(LogError) -> Int
}

/// The log that this process has opened.
struct LocalLog: ReachedLog {
  let log: EventLog

  func createTopic(_ name: TopicName, _ settings: TopicSettings) async throws(LogError) {
    try await log.createTopic(name, settings)
  }

  func alterTopic(_ name: TopicName, _ change: TopicChange) async throws(LogError) {
    _ = try await log.alterTopic(name) { change.apply(to: &$0) }
  }

  func deleteTopic(_ name: TopicName) async throws(LogError) { try await log.deleteTopic(name) }

  func partitionCount(of topic: TopicName) async throws(LogError) -> Int {
    try log.topic(topic).partitions.count
  }

  func append(
    _ records: [Record], to partition: PartitionID, _ options: AppendOptions
  ) async throws(LogError) -> AppendReceipt {
    try await log.partition(partition).append(records, options)
  }

  func sync(_ partition: PartitionID) async throws(LogError) { try await log.partition(partition).sync() }

  func offset(of place: ReadBound, in partition: PartitionID) async throws(LogError) -> LogOffset {
    // A reader that begins there knows the offset, whether it was given as a time or as a word.
    try log.partition(partition).reader(from: place.start(now: SystemTime().wall)).nextOffset
  }

  func commit(
    _ consumer: ConsumerName, _ partition: PartitionID, position: LogOffset, kind: ConsumerKind
  ) async throws(LogError) {
    try await log.commit(consumer, partition, position: position, kind: kind)
  }

  func removeConsumer(
    _ consumer: ConsumerName, topic: TopicName?, partition: Int?
  ) async throws(LogError) -> Int {
    let positions = log.consumers.filter {
      $0.name == consumer && (topic == nil || $0.partition.topic == topic)
        && (partition == nil || $0.partition.index == partition)
    }
    if positions.isEmpty { throw .unknownConsumer(consumer.text) }
    for position in positions { try await log.removeConsumer(consumer, position.partition) }
    return positions.count
  }
}

extension RemoteLog: ReachedLog {
  func createTopic(_ name: TopicName, _ settings: TopicSettings) async throws(LogError) {
    let _: Topic = try await createTopic(name, settings)
  }

  func alterTopic(_ name: TopicName, _ change: TopicChange) async throws(LogError) {
    let _: Topic = try await alterTopic(name) { change.apply(to: &$0) }
  }

  func partitionCount(of topic: TopicName) async throws(LogError) -> Int {
    try await self.topic(topic).partitions.count
  }

  /// The node flushes what is written by itself: an append that waits for it is a durable one.
  func sync(_ partition: PartitionID) async throws(LogError) {}

  func offset(of place: ReadBound, in partition: PartitionID) async throws(LogError) -> LogOffset {
    switch place.start(now: SystemTime().wall) {
    case .beginning: try await extent(of: partition).first
    case .end: try await extent(of: partition).end
    case .offset(let offset): offset
    case .time(let time): try await offset(notBefore: time, in: partition)
    }
  }
}
